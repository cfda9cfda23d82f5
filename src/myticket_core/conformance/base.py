"""What all suites are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from myticket_core.errors import Invalid, MyticketError
from myticket_core.paging import Order, Page, Paging

# unittest and asyncio take a third of the time in which the whole core is imported, and only who runs a suite needs
# them: who mixes it into a test case brings the one, and the other is imported below where it is used.
if TYPE_CHECKING:
    from asyncio import Future
    from unittest import IsolatedAsyncioTestCase as Case
else:
    Case = object

Under = TypeVar("Under")
Result = TypeVar("Result")
SOON = timedelta(seconds=60)
"""Longer than any adapter may take for one step; only what hangs ever waits for it."""


class Conformance(Generic[Under], Case):
    """A suite over what is `Under` test, to be mixed into a test case. See the package on how to do it."""

    __test__: ClassVar[bool] = False  # for pytest: only what says what is under test is a test
    durable: ClassVar[bool] = False
    shared: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        """Raises TypeError when nobody would run what says what is under test, or not await it."""
        super().__init_subclass__(**options)
        cls.__test__ = cls.new is not Conformance.new
        if cls.__test__ and not hasattr(cls, "addAsyncCleanup"):
            raise TypeError(
                f"{cls.__name__} has `new` and is no test case: add unittest.IsolatedAsyncioTestCase to its bases"
            )

    async def new(self) -> Under:
        """Fresh and empty. Clean up with self.addAsyncCleanup."""
        raise NotImplementedError

    async def reopen(self, under: Under) -> Under:
        """The same data after a restart of the program."""
        raise NotImplementedError

    async def beside(self, under: Under) -> Under:
        """Another set of ports on the same data, as a second process has it; both are used at once."""
        raise NotImplementedError

    async def restarted(self, under: Under) -> Under:
        if not self.durable:
            self.skipTest("not declared durable")
        return await self.reopen(under)

    async def second(self, under: Under) -> Under:
        if not self.shared:
            self.skipTest("not declared shared")
        return await self.beside(under)

    async def check_refused(self, call: Awaitable[object], error: type[MyticketError], code: str = "") -> None:
        """`call` raises the error, with this code if one is given."""
        with self.assertRaises(error) as raised:
            await call
        if code:
            self.assertEqual(code, getattr(raised.exception, "code", None))

    async def check_lists(
        self,
        fetch: Callable[[Paging], Awaitable[Page[Any]]],
        sortable: Sequence[str],
        member: Callable[[Any], Any] = lambda item: item,
    ) -> None:
        """Sorted by each member and paged in threes, every item comes once, in order, ties by id.

        The first of `sortable` is the id; `member` finds the members in an item. Give it seven items or more.
        """
        everything = (await fetch(Paging(size=1000))).items
        ids = [getattr(member(item), sortable[0]) for item in everything]
        self.assertGreaterEqual(len(ids), 7, "a list this short proves nothing")
        self.assertEqual(sorted(ids), ids, "without a sort a list is in order of the ids")
        for order in (Order(name, descending) for name in sortable for descending in (False, True)):
            with self.subTest(sort=order):
                items = [member(item) for item in await self._walk(fetch, order, len(ids))]
                self.assertEqual(sorted(ids), sorted(getattr(item, sortable[0]) for item in items))
                known = [item for item in items if getattr(item, order.field) is not None]
                self.assertEqual(_in_order(known, sortable[0], order), known)
        await self.check_refused(fetch(Paging(order=(Order("no_such_member"),))), Invalid)
        beyond = await fetch(Paging(number=100, size=10))
        self.assertEqual(([], len(ids)), (list(beyond.items), beyond.total), "a page beyond the end is empty")

    async def _walk(self, fetch: Callable[[Paging], Awaitable[Page[Any]]], order: Order, total: int) -> list[Any]:
        items: list[Any] = []
        for number in range(-(-total // 3)):
            page = await fetch(Paging(number=number, size=3, order=(order,)))
            self.assertEqual(total, page.total, "the total counts the items of all pages")
            self.assertLessEqual(len(page.items), 3)
            items += page.items
        return items


def _in_order(items: Sequence[Any], id: str, order: Order) -> list[Any]:
    by_id = sorted(items, key=lambda item: getattr(item, id), reverse=order.descending and order.field == id)
    return sorted(by_id, key=lambda item: getattr(item, order.field), reverse=order.descending)


async def race(calls: Iterable[Awaitable[Result]]) -> tuple[list[Result], list[MyticketError]]:
    """All at once: what came back, and what was refused. Whatever else one raises, raises."""
    import asyncio

    results, refusals = list[Result](), list[MyticketError]()
    for outcome in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(outcome, MyticketError):
            refusals.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            results.append(outcome)
    return results, refusals


async def soon(call: Awaitable[Result]) -> Result:
    """What the call returns; TimeoutError when it hangs."""
    import asyncio

    async with asyncio.timeout(SOON.total_seconds()):
        return await call


async def started(call: Awaitable[Result]) -> Future[Result]:
    """The call under way, up to where it first waits."""
    import asyncio

    task = asyncio.ensure_future(call)
    for _ in range(5):
        await pause()
    return task


async def pause(seconds: float = 0) -> None:
    """Others have their turn, for so long at least."""
    import asyncio

    await asyncio.sleep(seconds)
