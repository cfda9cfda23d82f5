"""R4. A buyer books a ticket."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from attrs import evolve, field, frozen

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.buyer import Buyer
from myticket_core.booking.collect import Answer, CollectPayment, withdrawn
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Sales, TicketCatalog
from myticket_core.booking.sale import Sale, hold
from myticket_core.booking.track_tickets import adopt
from myticket_core.errors import NotFound, Unavailable
from myticket_core.messages import Cause, Kept, command
from myticket_core.ports import Clock
from myticket_core.values import dated, in_order, text, whole


@command
class Book:
    """`price` is what the buyer was shown, checked against the terms; None: whatever it costs. Raises Invalid."""

    ticket_id: int = field(validator=whole(1))
    customer_id: int = field(validator=whole(1))
    price: int | None = field(default=None, validator=whole(optional=True))
    starts: datetime | None = field(default=None, validator=dated)
    ends: datetime | None = field(default=None, validator=dated)
    method: str | None = field(default=None, validator=text(100))

    def __attrs_post_init__(self) -> None:
        in_order(self.starts, self.ends)

    def pending(self, now: datetime, until: datetime, correlation_id: str) -> Booking:
        """The booking as asked for; its number, price and company come from the terms when it is held."""
        return Booking(
            id=BookingId(0),
            ticket_id=self.ticket_id,
            customer_id=self.customer_id,
            company_id=None,
            price=0,
            expires_at=until,
            created_at=now,
            correlation_id=correlation_id,
            starts=self.starts,
            ends=self.ends,
            method=self.method,
        )


@frozen
class BookTicket:
    """Hold a seat, ask for the money, confirm; an unpaid booking is never established.

    Once per idempotency key: a repeat answers with the same booking and resumes its payment if that is still due, which
    for a deleted ticket it is not.
    `most_holds`: how many unpaid bookings a customer may have who books for themselves; 0: as many as they like.
    Raises NotFound, Rejected("sold_out" | "price_changed" | "closed" | "too_many_holds" | "key_reused"): then nothing
    is stored.
    """

    bookings: Bookings
    sales: Sales
    catalog: TicketCatalog
    collect: CollectPayment
    clock: Clock
    hold_for: timedelta
    most_holds: int = 0

    async def __call__(self, order: Book, cause: Cause, owner: Scope = EVERYTHING) -> Answer:
        shut = self.collect.payments.shut()
        held = await self._hold(order, cause, self._buyer(owner), shut)
        if shut is not None and not held.repeated:
            return self.collect.later(held.state, shut)
        answer = await self.collect(held.state, cause)
        return evolve(answer, repeated=held.repeated)

    def _buyer(self, owner: Scope) -> Buyer | None:
        """Whoever books for others is not counted: an office does that for many."""
        if not self.most_holds or owner.customer_id is None:
            return None
        return Buyer(owner.customer_id, self.most_holds)

    async def _hold(self, order: Book, cause: Cause, buyer: Buyer | None, shut: timedelta | None) -> Kept[Booking]:
        """In line at once where it is known that payment takes nothing: that saves a commit when there are many."""
        now = self.clock.now()
        booking = order.pending(now, now + self.hold_for, cause.correlation_id)
        booking = evolve(booking, due_from=None if shut is None else now + min(shut, self.hold_for / 2))
        claim = partial(hold, booking=booking, asked_price=order.price)
        try:
            unsure = partial(claim, sure=False)
            return await self.bookings.hold(order.ticket_id, unsure, cause, buyer, withdrawn)
        except NotFound:
            await self._ask(order.ticket_id, cause)
            return await self.bookings.hold(order.ticket_id, claim, cause, buyer, withdrawn)

    async def _ask(self, ticket_id: int, cause: Cause) -> None:
        """Beside an original that does not answer it is sold on the terms that were known last."""
        try:
            await adopt(ticket_id, self.catalog, self.sales, cause)
        except NotFound:
            if await self._known(ticket_id):
                await self.sales.change(ticket_id, Sale.withdrawn, cause)
            raise
        except Unavailable:
            if not await self._known(ticket_id):
                raise

    async def _known(self, ticket_id: int) -> bool:
        with suppress(NotFound):
            return (await self.sales.get(ticket_id)).terms.price is not None
        return False
