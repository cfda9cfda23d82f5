"""Any way to ask whose a thing is. Subclass OwnersConformance; `new` gives a Known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from myticket_core.completing import ASKED_FOR
from myticket_core.conformance.base import Conformance, soon
from myticket_core.ports import Owners

__all__ = ["Known", "OwnersConformance"]

BOOKING = {"ticket_id": 2, "price": 15_000, "company_id": 1, "customer_id": 6, "start_date": 1335205543511,
           "end_date": 1335551143511}  # fmt: skip


@frozen
class Known:
    """The owners; `tell` lets the owner of a source know a thing by id, `leave` makes all of them silent."""

    owners: Owners
    tell: Callable[[str, int, Mapping[str, int]], None]
    leave: Callable[[], None]


class OwnersConformance(Conformance[Known]):
    """All that asking an owner guarantees."""

    async def test_whose_it_is_and_what_it_is_about(self) -> None:
        under = await self.new()
        under.tell("book", 2, BOOKING)
        under.tell("pay", 2, {**BOOKING, "book_id": 7})
        self.assertEqual(BOOKING, await under.owners.ask("book", 2))
        self.assertEqual({**BOOKING, "book_id": 7}, await under.owners.ask("pay", 2))
        self.assertLessEqual({*BOOKING, "book_id"}, {*ASKED_FOR})

    async def test_what_its_owner_does_not_say_is_left_out(self) -> None:
        under = await self.new()
        under.tell("book", 2, {"ticket_id": 2, "price": 0})
        self.assertEqual({"ticket_id": 2, "price": 0}, await under.owners.ask("book", 2))

    async def test_of_what_nobody_knows_nothing_is_said(self) -> None:
        under = await self.new()
        under.tell("book", 2, BOOKING)
        for source, id in (("book", 3), ("pay", 2), ("ticket", 2)):
            self.assertEqual({}, await under.owners.ask(source, id))

    async def test_who_is_away_says_nothing_and_is_not_waited_for(self) -> None:
        under = await self.new()
        under.tell("book", 2, BOOKING)
        under.leave()
        for _ in range(20):
            self.assertEqual({}, await soon(under.owners.ask("book", 2)))
