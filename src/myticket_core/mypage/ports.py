"""What my page needs, said as guarantees. The documents are plain, so that any document store can keep them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol, TypeAlias

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.errors import Rejected
from myticket_core.mypage.changes import Changed, Mark, Watched
from myticket_core.mypage.model import BookingPage, OrganizerPage, TicketPage
from myticket_core.paging import Page, Paging

PageId: TypeAlias = tuple[str, int]
"""("booking", 5) or ("ticket", 7)."""

Wait: TypeAlias = Callable[[], Awaitable[bool]]
"""Until the bell has rung since the last wait, or it is time to look all the same; False: waited long enough."""


class Bells(Protocol):
    """Who in this process waits for a page hears at once that it was changed here; what others do is looked for."""

    def ring(self, page: PageId) -> None:
        """Wakes who listens to this page, and nobody else."""

    def listen(self, page: PageId) -> AbstractContextManager[Wait]:
        """Nothing that rings from here on is missed, also while nobody waits."""


class Projection(Protocol):
    """Where pages are written. The pure decisions may run again after a conflict; none is lost in a race."""

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        """Store what `decide` makes of the booking's page, a blank one when there is none."""

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        """Store what `decide` makes of the ticket's page, a blank one when there is none."""


class Pages(Protocol):
    """Where pages are read. A page that says not whose it is, is seen by an unnarrowed scope only."""

    async def booking(self, booking_id: int, owner: Scope) -> BookingPage:
        """Raises NotFound, also when it is somebody else's."""

    async def bookings(self, owner: Scope, ticket_id: int | None, paging: Paging) -> Page[BookingPage]:
        """Of one ticket, or all. Sortable by booking_id, ticket_id, price, status, start_date; else Invalid."""

    async def behind(self, booking_id: int, limit: int) -> Sequence[BookingPage]:
        """Everybody's of bookings with higher numbers, in order of these: as cheap behind many as behind few."""

    async def ticket(self, ticket_id: int, owner: Scope) -> OrganizerPage:
        """Raises NotFound, also when it is somebody else's."""

    async def days(self, ticket_id: int, owner: Scope) -> Mapping[date, int]:
        """How many bookings of it were made on each of Korea's days, whatever became of them; in order, without those
        that had none. Raises NotFound, also when it is somebody else's.
        """

    async def tickets(self, owner: Scope, paging: Paging) -> Page[OrganizerPage]:
        """Sortable by ticket_id, name, price, status, start_date; else Invalid."""

    async def seen(self, page: PageId, owner: Scope) -> Mapping[str, int]:
        """Up to which version of each source the page has come: cheap, however many bookings a ticket has.

        Raises NotFound, also when it is somebody else's.
        """


class Changes(Protocol):
    """What changed on the live pages, so that one look finds it for all who listen in a process."""

    async def latest(self) -> Mark:
        """As far as there is anything to be seen now."""

    async def since(self, mark: Mark, watched: Watched, limit: int) -> Changed:
        """The pages that changed since, at most `limit` of bookings, and the tickets of which something did.

        Nothing is missing up to the mark it returns, whoever wrote it; some that were there before the mark it is given
        may come again. When other pages are shown by now, or never came so far, it begins with the first one.
        """


@frozen
class Differences:
    """Pages that differ between two views, some of them `told` as `booking 5` or `ticket 7`.

    `missing` counts, of those that were there when the newer view was begun, the ones it has nothing of.
    """

    told: Sequence[str]
    missing: int


class Views(Protocol):
    """Beside the live view a second one can be built and put in its place at once.

    Of several that build one, in whichever processes, the one that began last can join and swap; `superseded` is what
    the others are told, and nothing is changed by them.
    """

    async def blank(self) -> Projection:
        """A view beside the live one, empty as soon as nothing is left to `clear`; an unfinished earlier one is thrown
        away.

        Raises Rejected("superseded") when another one is begun in the same moment.
        """

    async def clear(self) -> int:
        """Remove some pages of views that were begun before and are not shown, none that was written since; so many.
        0: none is left, if there were any: a store that throws them away at once has nothing to do here.
        """

    async def differences(self, limit: int) -> Differences:
        """Between the live view and the other; at most `limit` are told. Raises Rejected("superseded")."""

    async def join(self) -> None:
        """Every change of the live view that begins after this is made in the other one too, by whichever process.

        Raises Rejected("superseded").
        """

    async def swap(self) -> None:
        """The other view is the live one from this commit on, also when it is asked for again.

        Raises Rejected("superseded").
        """


def superseded() -> Rejected:
    return Rejected("superseded", "another rebuild has begun since: its pages will be shown, not these")
