"""My page keeps no inbox: what it has heard its pages show, and they are asked before something of it is parked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from myticket_core.access import EVERYTHING
from myticket_core.errors import Unavailable
from myticket_core.messages import opened
from myticket_core.mypage.model import BookingPage, TicketPage
from myticket_core.mypage.policies import WHENEVER
from myticket_core.mypage.ports import PageId, Pages
from myticket_core.mypage.project import news_of, page_of
from myticket_core.ports import Parked, Parking, Record
from myticket_core.wire import decode

_KINDS: Final = {kind.__name__: kind for kind in WHENEVER}


@frozen
class ParkUnheard:
    """A parking for one consumer, which parks nothing that would change its page no more.

    Where that cannot be told, as of a payment that does not say of which booking it is, it is parked. So is what its
    page hears between the look and the parking: the one who tells it takes that out (`Reactor`), or a replay does.
    """

    parking: Parking
    pages: Pages

    async def park(self, parked: Parked) -> bool:
        if await self._heard(parked):
            return parked.id in [it.id for it in await self.parked(parked.consumer, parked.key)]
        return await self.parking.park(parked)

    async def keys(self, consumer: str) -> frozenset[str]:
        return await self.parking.keys(consumer)

    async def parked(self, consumer: str, key: str | None = None) -> Sequence[Parked]:
        return await self.parking.parked(consumer, key)

    async def release(self, consumer: str, id: str) -> None:
        await self.parking.release(consumer, id)

    async def _heard(self, parked: Parked) -> bool:
        """Raises Unavailable: then nothing could be parked either."""
        try:
            return await self._shown(parked.record, parked.consumer)
        except Unavailable:
            raise
        except Exception:  # it is not readable, has no page, or this program cannot tell: parked
            return False

    async def _shown(self, record: Record, consumer: str) -> bool:
        envelope = decode(record)
        said: Any = opened(envelope, _KINDS[envelope.type])
        where = page_of(said)
        if where is None:
            return False
        page = await self._page(where)
        return page.told(news_of(said, envelope.cause(consumer))) == page

    async def _page(self, where: PageId) -> BookingPage | TicketPage:
        kind, id = where
        if kind == "booking":
            return await self.pages.booking(id, EVERYTHING)
        return (await self.pages.ticket(id, EVERYTHING)).ticket
