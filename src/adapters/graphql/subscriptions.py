"""What is told as it changes: a booking's state, and its page. What was is told first, then each change of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.booking_types import Booking, booking_of
from adapters.graphql.guarded import ACTION, OF, one_of, owner
from adapters.graphql.inputs import ident
from adapters.graphql.page_types import BookingPage, booking_page_of
from adapters.graphql.problems import GUARDED, Missing, problem_of
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.booking.model import BookingId
from myticket_core.errors import MyticketError

State = TypeVar("State")
LOOK: Final = timedelta(seconds=1)
"""Between two looks at a booking, while somebody listens: nothing rings when it changes."""


def changes(name: str, action: Action, of: str, *kinds: type) -> Callable[[Any], Any]:
    """A field of Subscription: a problem is the last that it tells."""

    def made(resolver: Any) -> Any:
        return strawberry.subscription(
            resolver=resolver,
            graphql_type=one_of(f"{name}Result", (*kinds, *(kind for kind in GUARDED if kind not in kinds))),
            description=resolver.__doc__,
            metadata={ACTION: action, OF: of},
        )

    return made


@strawberry.type
class Subscription:
    @changes("Booking", Action.READ_BOOKS, "book", Booking, Missing)
    async def booking(self, info: Info, id: Long) -> Any:
        """A booking, now and whenever it has changed."""
        asked = info.context

        async def look() -> Any:
            assert asked.cases.book is not None
            return await asked.cases.book.cases.browse.one(BookingId(ident("id", id)), owner(info))

        async for told in _told(look, booking_of, lambda: asked.clock.sleep(LOOK)):
            yield told

    @changes("BookingPage", Action.READ_CUSTOMER_PAGE, "mypage", BookingPage, Missing)
    async def booking_page(self, info: Info, book_id: Long) -> Any:
        """The page of a booking, now and whenever it has changed."""
        asked = info.context
        assert asked.cases.mypage is not None
        pages = asked.cases.mypage

        async def look() -> Any:
            return await pages.browse.booking(ident("bookId", book_id), owner(info))

        async def rung() -> None:
            with pages.catch_up.bells.listen(("booking", book_id)) as wait:
                await wait()

        async for told in _told(look, booking_page_of, rung):
            yield told


async def _told(
    look: Callable[[], Awaitable[State]], made: Callable[[State], Any], wait: Callable[[], Awaitable[object]]
) -> AsyncIterator[Any]:
    """What is seen, each time it is not what was seen before."""
    before: State | None = None
    while True:
        try:
            seen = await look()
        except MyticketError as error:
            problem = problem_of(error)
            if problem is None:
                raise
            yield problem
            return
        if seen != before:
            yield made(seen)
        before = seen
        await wait()
