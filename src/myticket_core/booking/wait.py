"""A buyer waits for a seat of a sold-out ticket, looks how far the line is, and leaves it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from attrs import field, frozen

from myticket_core.access import Scope
from myticket_core.booking.campaign import REASON
from myticket_core.booking.cancel import BY_BUYER
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.booking.ports import Bookings, WaitingList
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import Place, Status, Waiting, join, leave, settle
from myticket_core.messages import Cause, Decision, as_it_is, command
from myticket_core.paging import Page, Paging
from myticket_core.ports import Clock
from myticket_core.values import dated, in_order, whole


@command
class Wait:
    """Whose place in which line, and what for: that matters to a join alone. Raises Invalid."""

    ticket_id: int = field(validator=whole(1))
    customer_id: int = field(validator=whole(1))
    starts: datetime | None = field(default=None, validator=dated)
    ends: datetime | None = field(default=None, validator=dated)

    def __attrs_post_init__(self) -> None:
        in_order(self.starts, self.ends)

    @property
    def place(self) -> Place:
        return Place(self.ticket_id, self.customer_id)


@frozen
class Standing:
    """A place as it is now. `position` 1 is the next; None: does not wait (any more). `offer`: while it can be paid."""

    waiting: Waiting
    position: int | None = None
    offer: Booking | None = None


@frozen
class WaitForSeat:
    """One place per ticket and customer: joining or leaving again changes nothing; what is not yours is NotFound.

    What has become of an offer says its booking, at once; that is stored a little later (OfferSeats).
    """

    line: WaitingList
    bookings: Bookings
    clock: Clock

    async def join(self, order: Wait, cause: Cause) -> Standing:
        """Raises NotFound, Rejected("seats_left" | "closed" | "too_many_places")."""
        take = partial(
            join,
            place=order.place,
            now=self.clock.now(),
            correlation_id=cause.correlation_id,
            starts=order.starts,
            ends=order.ends,
        )
        waiting = await self.line.join(order.place, take, cause)
        standing = await self._standing(waiting)
        if standing.waiting.live:
            return standing
        await self._settle(waiting, cause)  # the offer it had is over, though that was not stored yet
        return await self.join(order, cause)

    async def leave(self, order: Wait, owner: Scope, cause: Cause) -> None:
        """Who has an offer gives it back, unless it is paid already. Raises NotFound."""
        waiting = (await self.line.get(order.place)).owned(owner)
        if waiting.status is Status.WAITING:
            waiting = await self.line.move(order.place, leave, cause)
        if waiting.status is Status.OFFERED and waiting.booking_id is not None:
            await self.bookings.change(BookingId(waiting.booking_id), as_it_is, cause, _given_back)
            await self._settle(waiting, cause)

    async def one(self, order: Wait, owner: Scope) -> Standing:
        """Raises NotFound."""
        return await self._standing((await self.line.get(order.place)).owned(owner))

    async def list(self, owner: Scope, paging: Paging) -> Page[Waiting]:
        return await self.line.list(owner, paging)

    async def _standing(self, waiting: Waiting) -> Standing:
        if waiting.status is Status.WAITING:
            return Standing(waiting, position=await self.line.ahead(waiting) + 1)
        if waiting.status is not Status.OFFERED:
            return Standing(waiting)
        booking = await self._offer(waiting)
        return Standing(waiting.settled(booking), offer=_payable(booking))

    async def _settle(self, waiting: Waiting, cause: Cause) -> None:
        booking = await self._offer(waiting)
        await self.line.move(waiting.place, partial(settle, offered=waiting, booking=booking), cause)

    async def _offer(self, waiting: Waiting) -> Booking:
        assert waiting.booking_id is not None, "an offer is a booking"
        return await self.bookings.get(BookingId(waiting.booking_id), Scope(customer_id=waiting.customer_id))


def _payable(booking: Booking) -> Booking | None:
    return booking if booking.status is BookingStatus.PENDING else None


def _given_back(booking: Booking, sale: Sale) -> Decision[Booking]:
    """Of a deleted ticket as its campaign does it, and counts it."""
    if booking.status is not BookingStatus.PENDING:
        return booking, ()
    return booking.canceled(REASON if sale.deleted else BY_BUYER)
