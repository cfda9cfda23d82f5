"""N4. Events → pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial, reduce
from typing import TypeAlias, TypeVar

from attrs import frozen

from myticket_core.booking.events import BookCanceled, Booked, PaymentDue
from myticket_core.completing import completed
from myticket_core.messages import Cause, command
from myticket_core.mypage.model import BookingPage, News, TicketPage
from myticket_core.mypage.ports import Projection
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.ports import Owners
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.values import millis

OfBooking: TypeAlias = Booked | PaymentDue | BookCanceled
OfPayment: TypeAlias = PaymentApproved | PaymentCanceled | RefundFailed
OfTicket: TypeAlias = TicketRegistered | TicketChanged | TicketDeleted

AnyPage = TypeVar("AnyPage", BookingPage, TicketPage)

_BOOKING = ("ticket_id", "company_id", "customer_id", "price", "start_date", "end_date",
            "cancel_until", "cancel_fee", "expires_at")  # fmt: skip
_TICKET = ("company_id", "name", "price", "capacity", "start_date", "end_date")
_STATUS = {
    "Booked": "BOOKED",
    "PaymentDue": "PENDING",
    "BookCanceled": "CANCELED",
    "PaymentApproved": "APPROVED",
    "PaymentCanceled": "CANCELED",
    "RefundFailed": "CANCELING",
    "TicketRegistered": "ON_SALE",
    "TicketChanged": "ON_SALE",
    "TicketDeleted": "DELETED",
}
"""What an event without a status, from an original, says by its type alone."""


_ENDS = ("EXPIRED", "DECLINED")


@command
class Project:
    event: OfBooking | OfPayment | OfTicket


@frozen
class ProjectPages:
    """Applies an event to the page it is about. Applying it again, or late, changes nothing that is newer.

    A payment event that does not say which booking it pays for, and of which none of the `owners` says it, cannot be
    shown, and is left out.
    """

    pages: Projection
    owners: Owners | None = None

    async def __call__(self, order: Project, cause: Cause) -> None:
        await self.all([(order, cause)])

    async def all(self, orders: Sequence[tuple[Project, Cause]]) -> None:
        """Each page is written once, whatever is said of it."""
        bookings, tickets = defaultdict[int, list[News]](list), defaultdict[int, list[News]](list)
        for order, cause in orders:
            said = await completed(order.event, self.owners)
            match said:
                case Booked() | PaymentDue() | BookCanceled():
                    bookings[said.id].append(_news(said, cause))
                case PaymentApproved() | PaymentCanceled() | RefundFailed() if said.book_id is not None:
                    bookings[said.book_id].append(_news(said, cause))
                case TicketRegistered() | TicketChanged() | TicketDeleted():
                    tickets[said.id].append(_news(said, cause))
        for id, news in bookings.items():
            await self.pages.change_booking(id, partial(_told, news))
        for id, news in tickets.items():
            await self.pages.change_ticket(id, partial(_told, news))


def _told(news: Sequence[News], page: AnyPage) -> AnyPage:
    return reduce(lambda told, one: told.told(one), news, page)


def _news(said: OfBooking | OfPayment | OfTicket, cause: Cause) -> News:
    status = _status(said)
    members, hints = _members(said), {}
    if isinstance(said, OfPayment):
        members, hints = {"payment_id": said.id, "payment_status": status, **_refund(said)}, members
    else:
        members |= {"status": status, **_refund(said)}
    at = millis(cause.at) or 0
    return News(source=said.SOURCE, version=said.version, at=at, status=status, members=members, hints=hints)


def _members(said: OfBooking | OfPayment | OfTicket) -> dict[str, object]:
    """What the event says. Of a ticket ours say all there is: a member without a value has none any more."""
    complete = said.SOURCE == "ticket" and said.version is not None
    names = _TICKET if said.SOURCE == "ticket" else _BOOKING
    known = {name: getattr(said, name) for name in names if hasattr(said, name)}
    return {name: value for name, value in known.items() if complete or value is not None}


def _refund(said: OfBooking | OfPayment | OfTicket) -> dict[str, object]:
    """What it says of money that goes back; None: all of the price, as the originals have it."""
    match said:
        case BookCanceled(refund=back):
            name = "refund_due"
        case PaymentCanceled(refunded=back) | RefundFailed(amount=back):
            name = "refund_amount"
        case _:
            return {}
    return {name: back}


def _status(said: OfBooking | OfPayment | OfTicket) -> str:
    """The originals write "Booked" where we write BOOKED; the type is what counts, the ends of a hold apart."""
    return said.status if said.status in _ENDS else _STATUS[type(said).__name__]
