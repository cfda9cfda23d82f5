"""Who has done something sees it on the pages, whichever process wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from myticket_core.access import EVERYTHING, Scope
from myticket_core.conformance.base import Conformance, pause, soon, started
from myticket_core.conformance.page_store import PageStore, booked, canceled, paid, project, registered
from myticket_core.mypage.catch_up import CatchUp
from myticket_core.mypage.ports import PageId, Wait
from myticket_core.position import Position


class _Looks:
    """Bells that ring for nobody: one looks so many times."""

    def __init__(self, most: int) -> None:
        self.left = most

    def ring(self, page: PageId) -> None: ...

    @contextmanager
    def listen(self, page: PageId) -> Iterator[Wait]:
        async def wait() -> bool:
            await pause(0.01)
            self.left -= 1
            return self.left > 0

        yield wait


class CatchingUp(Conformance[PageStore]):
    async def test_each_source_is_caught_up_with_by_itself_and_never_lost_again(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), canceled(5), booked(5))
        for position, seen in (
            (Position("book", 5, 1), True),
            (Position("book", 5, 2), True),
            (Position("book", 5, 3), False),
            (Position("pay", 5, 1), False),
            (Position("book", 6, 1), False),
            (Position("ticket", 6, 1), True),
            (Position("ticket", 6, 2), False),
        ):
            with self.subTest(position=str(position)):
                self.assertEqual(seen, await CatchUp(store.pages, _Looks(2))(position, EVERYTHING))

    async def test_what_another_process_writes_is_caught_up_with(self) -> None:
        store = await self.new()
        beside = await self.second(store)
        caught_up = await started(CatchUp(beside.pages, _Looks(1000))(Position("pay", 5, 1), Scope(customer_id=7)))
        await project(store.projection, booked(5))
        self.assertFalse(caught_up.done())
        await project(store.projection, paid(5))
        self.assertTrue(await soon(caught_up))

    async def test_what_is_not_yours_has_never_been_seen(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(5))
        for key, own, strange in (("book:5:1", Scope(customer_id=7), Scope(customer_id=8)),
                                  ("ticket:6:1", Scope(company_id=1), Scope(company_id=7))):  # fmt: skip
            position = Position.read("at", key)
            self.assertTrue(await CatchUp(store.pages, _Looks(1))(position, own))
            self.assertFalse(await CatchUp(store.pages, _Looks(1))(position, strange))
