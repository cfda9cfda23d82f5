"""One request to the graph, as its resolvers see it: who asks, of whom, and what is read for all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from adapters.graphql.cases import Asker, UseCases
from myticket_core.access import Action, Scope, allowed
from myticket_core.booking.sale import Sale
from myticket_core.payment.model import Payment
from myticket_core.ports import Clock
from myticket_core.ticket.model import Ticket

Item = TypeVar("Item")


class Asking:
    """`lasting`: it is told changes as long as it is there, and what was read for one is not kept for the next."""

    def __init__(self, cases: UseCases, asker: Asker, clock: Clock, *, lasting: bool = False) -> None:
        self.cases, self.asker, self.clock, self.lasting = cases, asker, clock, lasting

    def owner(self, action: Action) -> Scope:
        """Whose things may be seen and touched. Raises Unauthenticated, Forbidden."""
        return allowed(self.asker.principal, action)

    @cached_property
    def tickets(self) -> DataLoader[int, Ticket | None]:
        async def load(ids: list[int]) -> list[Ticket | None]:
            assert self.cases.ticket is not None
            return in_order(ids, await self.cases.ticket.many(ids), lambda ticket: ticket.id)

        return DataLoader(load, cache=not self.lasting)

    @cached_property
    def sales(self) -> DataLoader[int, Sale | None]:
        async def load(ids: list[int]) -> list[Sale | None]:
            assert self.cases.book is not None
            return in_order(ids, await self.cases.book.sales(ids), lambda sale: sale.ticket_id)

        return DataLoader(load, cache=not self.lasting)

    @cached_property
    def payments(self) -> DataLoader[int, Payment | None]:
        """By the booking's number; within what the asker may see."""

        async def load(ids: list[int]) -> list[Payment | None]:
            assert self.cases.pay is not None
            found = await self.cases.pay.many(ids, self.owner(Action.READ_PAYMENTS))
            return in_order(ids, found, lambda payment: payment.booking_id)

        return DataLoader(load, cache=not self.lasting)


Info: TypeAlias = strawberry.Info[Asking, Any]


def in_order(ids: Sequence[int], found: Sequence[Item], id_of: Callable[[Item], int]) -> list[Item | None]:
    """For each id what was found of it, as a loader wants it."""
    by_id = {id_of(item): item for item in found}
    return [by_id.get(id) for id in ids]
