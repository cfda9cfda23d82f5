"""What the ticket context needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from unicodedata import normalize

from attrs import field, frozen

from myticket_core.messages import Cause, Decide, Decision, Event, Kept
from myticket_core.paging import Page, Paging
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.values import dated, text, whole


def _said(text: str | None) -> str | None:
    """Nothing looked for, in so many words, is None."""
    return text or None


@frozen(kw_only=True)
class Search:
    """What a buyer looks for; None does not narrow. Prices and dates include their bounds.

    Raises Invalid.
    """

    text: str | None = field(default=None, converter=_said, validator=text(200))  # part of the name, both `folded`
    company_id: int | None = field(default=None, validator=whole(1, optional=True))
    price_from: int | None = field(default=None, validator=whole(optional=True))
    price_to: int | None = field(default=None, validator=whole(optional=True))
    # the ticket's period touches [from_date, to_date]
    from_date: datetime | None = field(default=None, validator=dated)
    to_date: datetime | None = field(default=None, validator=dated)
    only_available: bool = False


def folded(text: str) -> str:
    """Whatever its case, and whether its syllables and accented letters were typed whole or in parts."""
    return normalize("NFC", text.casefold())


class Tickets(Protocol):
    """The tickets. State and events are stored in one commit or not at all."""

    async def add(self, decide: Callable[[TicketId], Decision[Ticket]], cause: Cause) -> Kept[Ticket]:
        """Store a new ticket under the id given to `decide`, once per cause.key.

        A repeat of the key returns the ticket as it is now; with another fingerprint: Rejected("key_reused").
        """

    async def change(self, id: TicketId, decide: Decide[Ticket], cause: Cause) -> Ticket:
        """Store what `decide` returns, once per (cause.consumer, cause.id). Raises NotFound."""

    async def recover(self, told: Ticket, said: Event, cause: Cause) -> None:
        """Store the ticket as `said`, an event that is the cause, has told it, unless what is here is as far
        (Ticket.recovered). Nobody is told. Numbers drawn from then on are above its own.
        """

    async def get(self, id: TicketId) -> Ticket:
        """The ticket, unless deleted. Raises NotFound."""

    async def search(self, search: Search, paging: Paging) -> Page[Ticket]:
        """Tickets on sale. Sortable by id, price, name, company_id, starts, ends; else Invalid("sort", …).

        The total is right up to BEYOND the page, and not less than that if there are more.
        """
