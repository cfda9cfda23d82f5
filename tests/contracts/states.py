"""The states that consumers speak of, each made by using the services as anybody would."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from myticket_core.access import EVERYTHING
from myticket_core.booking.admit import AdmitBuyers
from myticket_core.booking.book import Book
from myticket_core.booking.cancel import Cancel
from myticket_core.booking.expire import ExpireHolds
from myticket_core.booking.resume import Resume
from myticket_core.booking.wait import Wait
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause
from myticket_core.paging import Paging
from myticket_core.payment.approve import Approve
from myticket_core.payment.cancel import CancelPayment
from myticket_core.payment.settle import SettlePayments
from myticket_core.ticket.change import Change
from myticket_core.ticket.delete import Delete
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.register import Register

UNTIL = datetime(2099, 12, 20, tzinfo=UTC)
STARTS, ENDS = datetime(2099, 12, 24, 10, tzinfo=UTC), datetime(2099, 12, 24, 12, tzinfo=UTC)
CAUSE = Cause(id="0193a5c2f3b27d0b8c1e4f5a6b7c8d9e", correlation_id="case")
State = Callable[[Any], Awaitable[None]]


class InAnHour:
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)


class InAMinute:
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=1)


async def on_sale(it: Any, **terms: Any) -> None:
    said = {"company_id": 1, "price": 15000, "name": "Seoul Jazz Night", "capacity": 10, "starts": STARTS, "ends": ENDS}
    said |= {"cancel_until": UNTIL, "cancel_fee_percent": 10}
    await it.services["ticket"].api().register(Register(**(said | terms)), CAUSE)
    await it.settle()


async def changed(it: Any) -> None:
    await on_sale(it)
    await it.services["ticket"].api().change(Change(id=TicketId(1), to={"price": 16000}), EVERYTHING, CAUSE)


async def deleted(it: Any) -> None:
    await booked(it)
    await it.services["ticket"].api().delete(Delete(id=TicketId(1)), EVERYTHING, CAUSE)


async def sold_out(it: Any) -> None:
    await on_sale(it, capacity=1)
    await _book(it)


async def seat_again(it: Any) -> None:
    await sold_out(it)
    await cancel(it)


async def booked(it: Any, method: str | None = None) -> None:
    await on_sale(it)
    await _book(it, method)
    await it.settle()


async def held(it: Any) -> None:
    await on_sale(it)
    await _book(it, "sandbox-unavailable")
    await it.settle()


async def due(it: Any) -> None:
    await held(it)
    book = it.services["book"]
    await AdmitBuyers(book.bookings(), book.payments(), book.line(), InAMinute(), book.ids(), book.together())()


async def offered(it: Any) -> None:
    await sold_out(it)
    await it.settle()
    book = it.services["book"]
    await book.api().wait.join(Wait(ticket_id=1, customer_id=1), CAUSE)
    await cancel(it)
    await _first_served(book)


async def waited_in_vain(it: Any) -> None:
    await sold_out(it)
    await it.settle()
    book = it.services["book"]
    await book.api().wait.join(Wait(ticket_id=1, customer_id=1), CAUSE)
    await it.services["ticket"].api().delete(Delete(id=TicketId(1)), EVERYTHING, CAUSE)
    await it.settle()
    await _first_served(book)


async def _first_served(book: Any) -> None:
    """Or let go; where a process of book runs on the same store its worker may have come to it before."""
    await book.offers()()
    assert not await book.waiting().first(1, limit=1)


async def declined(it: Any) -> None:
    await due(it)
    api = it.services["book"].api()
    booking = (await api.browse.list(EVERYTHING, Paging())).items[0]
    await api.resume(Resume(id=booking.id, method="sandbox-decline"), EVERYTHING, CAUSE)


async def canceled(it: Any) -> None:
    await booked(it)
    await cancel(it)


async def refund_failed(it: Any) -> None:
    await booked(it, "sandbox-refund-fails")
    await cancel(it)


async def expired(it: Any) -> None:
    await held(it)
    book = it.services["book"]
    assert await ExpireHolds(book.bookings(), InAnHour(), book.ids(), book.together())() == 1


async def cancel(it: Any) -> None:
    api = it.services["book"].api()
    booking = (await api.browse.list(EVERYTHING, Paging())).items[0]
    await api.cancel(Cancel(id=booking.id), EVERYTHING, CAUSE)


async def nothing(it: Any) -> None:
    """As it is in the beginning."""


async def _book(it: Any, method: str | None = None) -> None:
    order = Book(ticket_id=1, customer_id=1, starts=STARTS, ends=ENDS, method=method)
    await it.services["book"].api().book(order, CAUSE)


def on_ticket(**terms: Any) -> State:
    return lambda it: on_sale(it, **terms)


def pays(**terms: Any) -> State:
    """Booking 5, which only pay has heard of."""
    said = {"booking_id": 5, "price": 1500, "ticket_id": 3, "company_id": 7, "customer_id": 6}

    async def make(it: Any) -> None:
        await it.services["pay"].approve()(Approve(**(said | terms)), CAUSE)

    return make


async def not_charged(it: Any) -> None:
    with suppress(Unavailable):
        await pays(method="sandbox-unavailable")(it)
    pay = it.services["pay"]
    await SettlePayments(pay.payments(), pay.provider(), InAnHour(), pay.ids(), pay.together())()


async def called_off(it: Any) -> None:
    await it.services["pay"].cancel()(CancelPayment(booking_id=5, reason="it was canceled"), CAUSE)


async def refunded(it: Any) -> None:
    await pays()(it)
    await called_off(it)


STATES: dict[str, State] = {
    "ticket 1 is on sale": on_sale,
    "ticket 1 has no name, no end and no limit": on_ticket(
        name=None, capacity=None, starts=None, ends=None, cancel_until=None
    ),
    "ticket 1 was changed": changed,
    "ticket 1 was deleted": deleted,
    "ticket 1 is sold out": sold_out,
    "ticket 1 has a seat again": seat_again,
    "booking 1 is held": held,
    "booking 1 may be paid now": due,
    "a seat is offered to who waited for it": offered,
    "who waited for ticket 1 gets no seat": waited_in_vain,
    "booking 1 was to be paid later and was declined": declined,
    "booking 1 is booked": booked,
    "booking 1 is paid": booked,
    "booking 1 was canceled": canceled,
    "booking 1 was paid and refunded": canceled,
    "the refund of booking 1 failed": refund_failed,
    "booking 1 expired unpaid": expired,
    "nothing was ever paid": nothing,
    "booking 5 is paid": pays(),
    "booking 5 is paid at another price": pays(price=1700),
    "booking 5 was canceled before it was paid": called_off,
    "booking 5 was paid and refunded": refunded,
    "the payment of booking 5 was declined": pays(method="sandbox-decline"),
    "booking 5 was asked for and is not charged": not_charged,
    "the payment of booking 5 is in doubt": pays(method="sandbox-timeout"),
    "nothing was ever registered": nothing,
}
