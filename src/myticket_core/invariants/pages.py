"""Invariant 10: my page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from attrs import asdict, evolve

from myticket_core.invariants.finding import Found
from myticket_core.invariants.rows import BookingPageRow, BookingRow, PaymentRow, Snapshot, TicketPageRow

AnyPage = TypeVar("AnyPage", BookingPageRow, TicketPageRow)


def booking_pages_fit(snapshot: Snapshot) -> Found:
    """10. A booking's page shows what booking and payment know; there is one as soon as either said something."""
    payments = {payment.booking_id: payment for payment in snapshot.payments or ()}
    shown = {page.booking_id: _plain(page) for page in snapshot.booking_pages or ()}
    due = [_page(it, payments.get(it.id), shown.get(it.id)) for it in snapshot.bookings or ()]
    yield from _compared("booking", {page.booking_id: page for page in due if _said(page)}, shown)


def _page(booking: BookingRow, payment: PaymentRow | None, shown: BookingPageRow | None) -> BookingPageRow:
    """Terms of cancellation are shown unless a program of before there were any told the booking."""
    told = payment is not None and payment.version > 0
    page = BookingPageRow(
        booking_id=booking.id,
        ticket_id=booking.ticket_id,
        company_id=booking.company_id,
        customer_id=booking.customer_id,
        price=booking.price,
        start_date=booking.start_date,
        end_date=booking.end_date,
        status=booking.status if booking.version > 0 else None,
        payment_id=payment.id if payment and told else None,
        payment_status=_payment_status(payment) if payment and told else None,
        refund_amount=_in_part(payment) if payment and told else None,
    )
    if shown is None or shown.cancel_fee is None:
        return page
    return evolve(page, cancel_until=booking.cancel_until, cancel_fee=booking.cancel_fee or 0)


def _plain(page: BookingPageRow) -> BookingPageRow:
    """All of the price is given back, whether or not that was said."""
    return evolve(page, refund_amount=None) if page.refund_amount == page.price else page


def _in_part(payment: PaymentRow) -> int | None:
    """What of the price was told to be given back; None: nothing yet, or all of it."""
    return None if _payment_status(payment) == "APPROVED" or payment.due == payment.price else payment.due


def _payment_status(payment: PaymentRow) -> str:
    """As it was told: a refund that is due is not, one that failed is."""
    failed = payment.given_up or (payment.refund_round or 1) > 1
    return payment.status if payment.status == "CANCELED" else "CANCELING" if failed else "APPROVED"


def _said(page: BookingPageRow) -> bool:
    return page.status is not None or page.payment_status is not None


def ticket_pages_fit(snapshot: Snapshot) -> Found:
    """10. A ticket's page shows the ticket."""
    names = ("company_id", "name", "price", "capacity", "start_date", "end_date", "status")
    due = {
        row.id: TicketPageRow(ticket_id=row.id, **{name: getattr(row, name) for name in names})
        for row in snapshot.tickets or ()
    }
    yield from _compared("ticket", due, {page.ticket_id: page for page in snapshot.ticket_pages or ()})


def rebuild_is_the_same(snapshot: Snapshot) -> Found:
    """10. A rebuild from the log gives the same documents."""
    for what in snapshot.rebuilt or ():
        yield "a rebuild from the log gives another page", (what,)


def _compared(what: str, due: Mapping[int, AnyPage], shown: Mapping[int, AnyPage]) -> Found:
    for id in _all(due, shown):
        if id not in shown:
            yield f"there is no page of {what} {id}", (id,)
        elif id not in due:
            yield f"a page of {what} {id} that never said anything", (id,)
        elif due[id] != shown[id]:
            yield f"the page of {what} {id} shows {_differing(due[id], shown[id])}", (id,)


def _all(due: Iterable[int], shown: Iterable[int]) -> list[int]:
    return sorted({*due, *shown})


def _differing(due: AnyPage, shown: AnyPage) -> str:
    is_, should = asdict(shown), asdict(due)
    return ", ".join(f"{name} {is_[name]} instead of {should[name]}" for name in is_ if is_[name] != should[name])
