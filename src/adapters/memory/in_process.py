"""Booking's questions to other contexts, answered by their use cases in the same process."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from attrs import fields

from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Approved, Declined, Outcome, Unknown, Void
from myticket_core.booking.terms import Terms
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Kept
from myticket_core.payment.approve import Approve, ApprovePayment
from myticket_core.payment.model import Payment, Status
from myticket_core.payment.ports import PaymentBook
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.search import SearchTickets

_TERMS: Final = [field.name for field in fields(Terms)]
"""A ticket has them all under the same names."""


ADMITTED: Final = 100


class InProcessPayments:
    """Waits `timeout` for an answer; what takes longer goes on without the caller, as it would at a far service."""

    def __init__(self, approve: ApprovePayment, payments: PaymentBook, timeout: timedelta) -> None:
        self._approve, self._payments, self._timeout = approve, payments, timeout
        self._running: set[asyncio.Task[Kept[Payment]]] = set()

    async def request(self, booking: Booking) -> Outcome:
        cause = Cause(id=f"payment-of-{booking.id}", correlation_id=booking.correlation_id)
        task = asyncio.create_task(self._approve(_asked(booking), cause))
        self._running.add(task)
        task.add_done_callback(self._ended)
        answered, _ = await asyncio.wait([task], timeout=self._timeout.total_seconds())
        return outcome_of(booking, task.result().state) if answered else Unknown()

    async def find(self, booking: Booking) -> Outcome | None:
        try:
            return found(booking, await self._payments.of_booking(booking.id, EVERYTHING))
        except NotFound:
            return None

    def shut(self) -> timedelta | None:
        return None

    def pace(self) -> float:
        """Nothing lies between: as many as there is work for."""
        return float(ADMITTED)

    def admits(self) -> int:
        return ADMITTED

    async def close(self) -> None:
        """Return when nothing is under way any more."""
        while self._running:
            await asyncio.wait(self._running)

    def _ended(self, task: asyncio.Task[Kept[Payment]]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may be waiting any more; the payment itself says what became of it


class InProcessCatalog:
    def __init__(self, search: SearchTickets) -> None:
        self._search = search

    async def terms(self, ticket_id: int) -> Terms:
        ticket = await self._search.one(TicketId(ticket_id))
        return Terms(**{name: getattr(ticket, name) for name in _TERMS})


def found(booking: Booking, payment: Payment) -> Outcome | None:
    """What a look at the payment of its number tells of the booking; None: nothing was charged, nor will be."""
    return None if payment.uncharged and _pays(payment, booking) else outcome_of(booking, payment)


def outcome_of(booking: Booking, payment: Payment) -> Outcome:
    """What the payment of its number means for the booking that has just been asked for."""
    match payment.status:
        case Status.APPROVED:
            return Approved(payment.id) if _pays(payment, booking) else Unknown()
        case Status.DECLINED:
            return Declined(payment.reason or "declined")
        case Status.REQUESTED:
            return Unknown()
        case Status.CANCELING | Status.CANCELED | Status.VOID:
            return Void()


def _pays(payment: Payment, booking: Booking) -> bool:
    return payment.price == booking.price and payment.may_be_of(booking.customer_id, booking.ticket_id)


def _asked(booking: Booking) -> Approve:
    return Approve(
        booking_id=booking.id,
        price=booking.price,
        ticket_id=booking.ticket_id,
        company_id=booking.company_id,
        customer_id=booking.customer_id,
        starts=booking.starts,
        ends=booking.ends,
        method=booking.method,
    )
