"""A seat that is given back goes to the first of those who wait for it, as a hold of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from attrs import define, field

from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Payments, Sales, WaitingList
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import Waiting, end, offer, settle
from myticket_core.errors import Incomplete, Rejected
from myticket_core.messages import Cause
from myticket_core.ports import Clock, Ids, Together


@define
class _Round:
    """Each line may have so many places moved, its `share`; `done` places are not what they were."""

    now: datetime
    share: int
    done: int = 0


@define
class OfferSeats:
    """Safe to run anywhere at any time: a place that waits is offered one seat, and only one that is free.

    Those of a line in turn, by number: nobody can get before the first, who can only leave or be offered the seat.
    While payment takes nothing no seat is offered that is to be paid: whose turn it is could not, and would lose it.
    """

    line: WaitingList
    sales: Sales
    payments: Payments
    clock: Clock
    ids: Ids
    together: Together
    hold_for: timedelta
    batch: int = 100
    _after: int = field(init=False, default=0)  # the line whose turn was last, as this process remembers

    async def __call__(self) -> int:
        """One round, of at most `batch` places in line and `batch` offers that ended; how many it moved.

        All lines have their turn, over rounds: what there is too much of, a long line too, goes on in the next ones.
        Where something fails the others have their turn all the same; then it raises Incomplete.
        """
        now = self.clock.now()
        over, sales = await self.line.settled(self.batch), await self._next(now)
        round = _Round(now, self.batch // max(1, len(sales)))
        settling = [self._settle(waiting, booking, round) for waiting, booking in over]
        try:
            await self.together([*settling, *(self._serve(sale, round) for sale in sales)])
        except Exception as failure:
            raise Incomplete(0, failure, round.done) from failure
        return round.done

    async def _next(self, now: datetime) -> Sequence[Sale]:
        """The lines whose turn it is; behind the last one the first again."""
        sales = await self.sales.lines(now, self._after, self.batch)
        if self._after and not sales:
            sales = await self.sales.lines(now, 0, self.batch)
        self._after = sales[-1].ticket_id if len(sales) == self.batch else 0
        return sales

    async def _settle(self, waiting: Waiting, booking: Booking, round: _Round) -> None:
        """An offer that was paid, or ended."""
        await self.line.move(waiting.place, partial(settle, offered=waiting, booking=booking), self._cause(waiting))
        round.done += 1

    async def _serve(self, sale: Sale, round: _Round) -> None:
        if sale.sells(round.now):
            if sale.terms.price == 0 or self.payments.shut() is None:
                await self._offer(sale, round)
        else:
            first = await self.line.first(sale.ticket_id, round.share)
            await self.together([self._let_go(waiting, round) for waiting in first])

    async def _offer(self, sale: Sale, round: _Round) -> None:
        give = partial(offer, now=round.now, until=round.now + self.hold_for)
        seats = round.share if sale.free is None else min(sale.free, round.share)
        for waiting in await self.line.first(sale.ticket_id, seats):
            try:
                await self.line.offer(waiting.place, partial(give, number=waiting.number), self._cause(waiting))
                round.done += 1
            except Rejected as why:
                if why.code != "not_waiting":  # which says that somebody was quicker: another process, or they who left
                    break

    async def _let_go(self, waiting: Waiting, round: _Round) -> None:
        await self.line.move(waiting.place, partial(end, now=round.now), self._cause(waiting))
        round.done += 1

    def _cause(self, waiting: Waiting) -> Cause:
        return Cause(id=self.ids.new(), correlation_id=waiting.correlation_id)
