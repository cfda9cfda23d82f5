"""What is told as it changes: a booking's state, and its page. What was is told first, then each change of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.booking_types import Booking, booking_of
from adapters.graphql.guarded import ACTION, OF, one_of, owner
from adapters.graphql.inputs import ident
from adapters.graphql.page_types import BookingPage, booking_page_of
from adapters.graphql.pages import has_caught_up, told
from adapters.graphql.problems import GUARDED, Missing, problem_of
from adapters.graphql.scalars import Long
from adapters.graphql.watching import Watch
from myticket_core.access import Action
from myticket_core.booking.model import BookingId
from myticket_core.errors import MyticketError
from myticket_core.mypage import model

State = TypeVar("State")


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
        book = info.context.cases.book
        assert book is not None
        browse = book.browse

        async def look() -> Any:
            return await browse.one(BookingId(ident("id", id)), owner(info))

        async for state in _told(look, booking_of, book.watch, id):
            yield state

    @changes("BookingPage", Action.READ_CUSTOMER_PAGE, "mypage", BookingPage, Missing)
    async def booking_page(self, info: Info, book_id: Long, min_version: str | None = None) -> Any:
        """The page of a booking, now and whenever it has changed; first of all what minVersion names is waited for."""
        pages = info.context.cases.mypage
        assert pages is not None
        browse, caught_up = pages.browse, False

        async def look() -> Any:
            nonlocal caught_up
            caught_up = caught_up or await has_caught_up(info, min_version)
            return await browse.booking(ident("bookId", book_id), owner(info), caught_up), caught_up

        async for page in _told(look, _page_of, pages.watch, book_id):
            yield page


def _page_of(seen: tuple[model.BookingPage, bool]) -> Any:
    page, caught_up = seen
    return told(booking_page_of(page), caught_up)


async def _told(
    look: Callable[[], Awaitable[State]], made: Callable[[State], Any], watch: Watch, id: int
) -> AsyncIterator[Any]:
    """What its asker sees, each time it is not what they saw before."""
    before: State | None = None
    try:
        with watch.listen(id) as bell:
            while True:
                seen = await look()
                if seen != before:
                    yield made(seen)
                before = seen
                await bell.wait()
    except MyticketError as error:
        problem = problem_of(error)
        if problem is None:
            raise
        yield problem
