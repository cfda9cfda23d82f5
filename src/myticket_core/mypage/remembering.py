"""What the pages knew before they are made anew, of what a Java original told so poorly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

from attrs import define

from myticket_core.mypage.model import BookingPage
from myticket_core.mypage.ports import Pages
from myticket_core.ports import Owners

_KNOWN: Final = ("ticket_id", "price", "company_id", "customer_id", "start_date", "end_date")
_AT_ONCE: Final = 1000
_BEFORE_ALL: Final = -(2**63)


@define
class RememberedOwners:
    """The `owners` say it, or else the pages that are shown: an original deletes what is canceled, and is gone one day.

    Of a payment that several pages show, as an original in memory numbers them again, they say nothing.
    """

    owners: Owners | None
    pages: Pages | None
    _known: dict[tuple[str, int], Mapping[str, int]] | None = None

    async def ask(self, source: str, id: int) -> Mapping[str, int]:
        found = {} if self.owners is None else await self.owners.ask(source, id)
        return found or (self._known or {}).get((source, id), {})

    async def remember(self) -> None:
        """Once, and only where originals have told something: all pages are looked through."""
        if self._known is None and self.pages is not None:
            known: dict[tuple[str, int], Mapping[str, int]] = {}
            async for page in _all(self.pages):
                if any(version == 0 for _, version in page.seen):  # an original keeps no count
                    _keep(page, known)
            self._known = known


def _keep(page: BookingPage, known: dict[tuple[str, int], Mapping[str, int]]) -> None:
    members = {name: value for name in _KNOWN if (value := getattr(page, name)) is not None}
    known["book", page.booking_id] = members
    if page.payment_id is not None:
        paid = "pay", page.payment_id
        known[paid] = {} if paid in known else {"book_id": page.booking_id, **members}


async def _all(pages: Pages) -> AsyncIterator[BookingPage]:
    after = _BEFORE_ALL
    while found := await pages.behind(after, _AT_ONCE):
        for page in found:
            yield page
        after = found[-1].booking_id
