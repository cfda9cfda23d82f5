"""A seat that is given back goes to the first of those who wait for it, as a hold of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from attrs import frozen

from myticket_core.booking.ports import Sales, WaitingList
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import Waiting, end, offer, settle
from myticket_core.errors import Rejected
from myticket_core.messages import Cause
from myticket_core.ports import Clock, Ids


@frozen
class OfferSeats:
    """Safe to run anywhere at any time: a place that waits is offered one seat, and only one that is free.

    Those of a line in turn, by number: nobody can get before the first, who can only leave or be offered the seat.
    """

    line: WaitingList
    sales: Sales
    clock: Clock
    ids: Ids
    hold_for: timedelta
    batch: int = 100

    async def __call__(self) -> int:
        """One round over every line; how many places are not what they were."""
        done = await self._settle()
        after = 0
        while sales := await self.sales.lines(self.clock.now(), after, self.batch):
            for sale in sales:
                done += await self._serve(sale)
            after = sales[-1].ticket_id
        return done

    async def _settle(self) -> int:
        """Offers that were paid, or ended."""
        over = await self.line.settled(self.batch)
        for waiting, booking in over:
            await self.line.move(waiting.place, partial(settle, offered=waiting, booking=booking), self._cause(waiting))
        return len(over)

    async def _serve(self, sale: Sale) -> int:
        now, done = self.clock.now(), 0
        seats = sale.free if sale.is_open(now) else None
        first = await self.line.first(sale.ticket_id, self.batch if seats is None else min(seats, self.batch))
        for waiting in first:
            try:
                await self._turn(sale, waiting, now)
                done += 1
            except Rejected as why:
                if why.code != "not_waiting":  # which says that another process was quicker
                    break
        return done

    async def _turn(self, sale: Sale, waiting: Waiting, now: datetime) -> None:
        if sale.is_open(now):
            give = partial(offer, now=now, until=now + self.hold_for)
            await self.line.offer(waiting.place, give, self._cause(waiting))
        else:
            await self.line.move(waiting.place, partial(end, now=now), self._cause(waiting))

    def _cause(self, waiting: Waiting) -> Cause:
        return Cause(id=self.ids.new(), correlation_id=waiting.correlation_id)
