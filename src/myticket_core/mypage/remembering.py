"""What the pages knew before they are made anew, of what a Java original told so poorly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

from attrs import Factory, define

from myticket_core.access import EVERYTHING
from myticket_core.mypage.model import BookingPage
from myticket_core.mypage.ports import Pages
from myticket_core.paging import Paging
from myticket_core.ports import Owners

_KNOWN: Final = ("ticket_id", "price", "company_id", "customer_id", "start_date", "end_date")
_AT_ONCE: Final = 1000


@define
class RememberedOwners:
    """The `owners` say it, or else the pages that are shown: an original deletes what is canceled, and is gone one day.

    Of a payment that several pages show, as an original in memory numbers them again, they say nothing.
    """

    owners: Owners | None
    _known: dict[tuple[str, int], Mapping[str, int]] = Factory(dict)

    async def ask(self, source: str, id: int) -> Mapping[str, int]:
        found = {} if self.owners is None else await self.owners.ask(source, id)
        return found or self._known.get((source, id), {})

    async def remember(self, pages: Pages) -> None:
        """Those that an original has told of: it keeps no count. Again it remembers the same."""
        self._known.clear()
        async for page in _all(pages):
            if any(version == 0 for _, version in page.seen):
                self._keep(page)

    def _keep(self, page: BookingPage) -> None:
        members = {name: value for name in _KNOWN if (value := getattr(page, name)) is not None}
        self._known["book", page.booking_id] = members
        if page.payment_id is not None:
            paid = "pay", page.payment_id
            self._known[paid] = {} if paid in self._known else {"book_id": page.booking_id, **members}


async def _all(pages: Pages) -> AsyncIterator[BookingPage]:
    number, more = 0, True
    while more:
        found = (await pages.bookings(EVERYTHING, None, Paging(number=number, size=_AT_ONCE))).items
        for page in found:
            yield page
        number, more = number + 1, len(found) == _AT_ONCE
