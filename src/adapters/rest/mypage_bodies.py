"""The pages as they are shown: on a read, and in a stream of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec import field as member

from adapters.rest.dates import written_millis
from adapters.rest.hal import Collection, Count, Date, Day, Id, Link, Links
from myticket_core.mypage.model import BookingPage, Entry, OrganizerPage, TicketPage


class Line(Struct, rename="camel"):
    """What `source` (book, pay, ticket) said, and when."""

    at: Date | None
    source: str
    status: str


class CustomerPageBody(Struct, rename="camel"):
    """A booking as its buyer sees it. `conertId` is what the originals call the ticket once more. `refund` is what of
    the price goes back, or did: `paymentStatus` says how far it is.
    """

    book_id: Id
    price: int | None
    start_time: Date | None
    end_time: Date | None
    ticket_id: int | None
    status: str | None
    pay_id: int | None
    conert_id: int | None
    company_id: int | None
    customer_id: int | None
    payment_status: str | None
    cancel_until: Date | None
    cancel_fee: int | None
    refund: Count
    expires_at: Date | None
    history: list[Line]
    links: Links = member(name="_links")


class OrganizerPageBody(Struct, rename="camel"):
    """A ticket as its organizer sees it: bookings counted, money summed in the currency's smallest unit.

    `canceled` are those that were paid: a hold that ended is not counted.
    `captured` is always `kept` + `pending` + `refunded` + `fees` + `failed`. `history` has the newest 200 lines.
    """

    ticket_id: Id
    company_id: int | None
    name: str | None
    price: int | None
    capacity: int | None
    start_date: Date | None
    end_date: Date | None
    status: str | None
    booked: Count
    canceled: Count
    captured: Count
    kept: Count
    pending: Count
    refunded: Count
    fees: Count
    failed: Count
    history: list[Line]
    links: Links = member(name="_links")


class DayBody(Struct, rename="camel"):
    """So many bookings were made on a day of Korea's, whatever became of them since."""

    day: Day
    booked: Count


class DaysBody(Struct, rename="camel"):
    """In order, without days that had none."""

    ticket_id: Id
    days: list[DayBody]
    links: Links = member(name="_links")


def customer_body(page: BookingPage, links: Links) -> CustomerPageBody:
    return CustomerPageBody(
        book_id=page.booking_id,
        price=page.price,
        start_time=written_millis(page.start_date),
        end_time=written_millis(page.end_date),
        ticket_id=page.ticket_id,
        status=page.status,
        pay_id=page.payment_id,
        conert_id=page.ticket_id,
        company_id=page.company_id,
        customer_id=page.customer_id,
        payment_status=page.payment_status,
        cancel_until=written_millis(page.cancel_until),
        cancel_fee=page.cancel_fee,
        refund=page.refund,
        expires_at=written_millis(page.payable_until),
        history=_lines(page.history),
        links=links,
    )


def organizer_body(page: OrganizerPage, at: Collection) -> OrganizerPageBody:
    ticket = page.ticket
    return OrganizerPageBody(
        ticket_id=ticket.ticket_id,
        company_id=ticket.company_id,
        name=ticket.name,
        price=ticket.price,
        capacity=ticket.capacity,
        start_date=written_millis(ticket.start_date),
        end_date=written_millis(ticket.end_date),
        status=ticket.status,
        booked=page.booked,
        canceled=page.canceled,
        captured=page.captured,
        kept=page.kept,
        pending=page.pending,
        refunded=page.refunded,
        fees=page.fees,
        failed=page.failed,
        history=_lines(ticket.history),
        links=_links(at, ticket.ticket_id),
    )


def days_body(ticket_id: int, days: Mapping[date, int], at: Collection) -> DaysBody:
    told = [DayBody(day.isoformat(), booked) for day, booked in days.items()]
    links = {"self": Link(f"{at.item(ticket_id)}/days"), at.single: Link(at.item(ticket_id))}
    return DaysBody(ticket_id, told, links)


def _links(at: Collection, id: int) -> Links:
    """Holds and campaigns are told by no event: booking is asked for them."""
    links, sale = at.links(id), f"{at.base}/sales/{id}"
    own = {name: Link(f"{links['self'].href}/{name}") for name in ("bookings", "days")}
    return {**links, **own, "sale": Link(sale), "deletion": Link(f"{sale}/deletion")}


def _lines(history: Sequence[Entry]) -> list[Line]:
    return [Line(written_millis(entry.at), entry.source, entry.status) for entry in history]


_AT: Final = 1_795_363_740_000
EXAMPLE: Final = BookingPage(
    booking_id=5, ticket_id=2, company_id=1, customer_id=1, price=15000, status="BOOKED", payment_id=3,
    payment_status="APPROVED", cancel_until=1_800_403_200_000, cancel_fee=1500,
    start_date=1_800_728_743_511, end_date=1_801_074_343_511,
    history=(Entry(_AT, "book", 1, "BOOKED"), Entry(_AT + 9, "pay", 1, "APPROVED")),
)  # fmt: skip
ORGANIZER_EXAMPLE: Final = OrganizerPage(
    ticket=TicketPage(
        ticket_id=2, company_id=1, name="Concert", price=15000, capacity=100, status="ON_SALE",
        start_date=1_800_728_743_511, end_date=1_801_074_343_511, history=(Entry(_AT, "ticket", 1, "ON_SALE"),),
    ),
    booked=41, canceled=1, captured=630_000, kept=615_000, refunded=13_500, fees=1_500,
)  # fmt: skip
EXAMPLE_DAYS: Final = {date(2026, 11, 22): 40, date(2026, 11, 23): 2}
