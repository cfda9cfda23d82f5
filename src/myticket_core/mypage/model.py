"""The pages, as documents of JSON primitives, and how an event changes them.

Each source (book, pay, ticket) counts what it says of one aggregate; a page takes over newer news of a source only,
and keeps its history sorted, so that the same events in any order between sources make the same page.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final, TypeVar

from attrs import evolve, field, frozen

FINAL: Final = frozenset({"CANCELED", "EXPIRED", "DECLINED", "DELETED"})
"""Nothing follows these: what keeps no count of its news has said its last with them."""
LINES: Final = 200
"""Of a ticket's history the newest: it may be changed without end, and each change writes all of them. A booking has an
end, and comes to few."""


@frozen
class Entry:
    """One line of a page's history: `at` is epoch milliseconds."""

    at: int
    source: str
    version: int
    status: str


@frozen(kw_only=True)
class News:
    """What one event says of a page: who said it, in which version, when, and the members it knows.

    `hints` are members it knows of from somebody else: they fill in what nobody has said yet.
    """

    source: str
    version: int | None
    at: int
    status: str
    members: Mapping[str, Any]
    hints: Mapping[str, Any] = field(factory=dict)

    def newer(self, seen: Mapping[str, int]) -> bool:
        """Than what the page has seen; without a version the first news counts, and the final one."""
        if self.version is None:
            return self.source not in seen or self.status in FINAL
        return self.version > seen.get(self.source, 0)


@frozen(kw_only=True)
class BookingPage:
    """One booking, as its buyer sees it and its organizer too. Dates are epoch milliseconds.

    `cancel_until` None: its buyer may cancel it at any time; `cancel_fee` None: booking did not say.
    `refund_due` is what booking said is to be given back, `refund_amount` what payment said was, or could not be;
    None: all of the price.
    `changed` numbers its last change among all pages', as the store counts them: no part of what it shows.
    `expires_at`: until when it could be paid, which is shown from when its buyer was told, while it is PENDING.
    """

    booking_id: int
    ticket_id: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    price: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    status: str | None = None
    payment_id: int | None = None
    payment_status: str | None = None
    cancel_until: int | None = None
    cancel_fee: int | None = None
    expires_at: int | None = None
    seen: tuple[tuple[str, int], ...] = ()
    history: tuple[Entry, ...] = ()
    refund_due: int | None = None
    refund_amount: int | None = None
    changed: int = field(default=0, eq=False)

    @property
    def booked_at(self) -> int | None:
        return min((it.at for it in self.history if (it.source, it.status) == ("book", "BOOKED")), default=None)

    @property
    def goes_back(self) -> bool:
        """Whether something was paid and does not stay paid."""
        over = self.status in ("CANCELED", "EXPIRED") and self.payment_status is not None
        return over or self.payment_status in ("CANCELED", "CANCELING")

    @property
    def back(self) -> int:
        """What of the price is to be given back, or was, as payment says if it has said anything of it."""
        told = self.refund_amount if self.payment_status in ("CANCELED", "CANCELING") else self.refund_due
        return self.price or 0 if told is None else told

    @property
    def refund(self) -> int:
        """What it says of money given back: nothing while all of it stays where it is."""
        return self.back if self.goes_back else 0

    @property
    def payable_until(self) -> int | None:
        return self.expires_at if self.status == "PENDING" else None

    def told(self, news: News) -> BookingPage:
        """The page after the news; older news fills in only what is still missing."""
        return _told(self, news, older={**news.hints, **news.members})


@frozen(kw_only=True)
class TicketPage:
    """One ticket, as its organizer sees it, with the last of its history. `changed` as above."""

    ticket_id: int
    company_id: int | None = None
    name: str | None = None
    price: int | None = None
    capacity: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    status: str | None = None
    seen: tuple[tuple[str, int], ...] = ()
    history: tuple[Entry, ...] = ()
    changed: int = field(default=0, eq=False)

    def told(self, news: News) -> TicketPage:
        """The page after the news; older news of the one source has nothing to add. What is cut off is the oldest, so
        that it is the same in whichever order they came.
        """
        told = _told(self, news, older={})
        return evolve(told, history=told.history[-LINES:])


@frozen(kw_only=True)
class OrganizerPage:
    """A ticket's page with the sums over its bookings' pages; money in the currency's smallest unit.

    `booked` and `canceled` count the bookings that are so now (a hold that ended is neither). `captured` is every price
    that was ever paid, and always kept + pending + refunded + fees + failed: `kept` of bookings that stand, `pending`
    is to be given back, `refunded` was, `failed` could not be, and `fees` are what canceled bookings leave here.
    """

    ticket: TicketPage
    booked: int
    canceled: int
    captured: int
    kept: int = 0
    pending: int = 0
    refunded: int
    fees: int = 0
    failed: int = 0


AnyPage = TypeVar("AnyPage", BookingPage, TicketPage)


def _told(page: AnyPage, news: News, older: Mapping[str, Any]) -> AnyPage:
    seen = dict(page.seen)
    missing = {name: value for name, value in older.items() if getattr(page, name) is None}
    members = {**missing, **news.members} if news.newer(seen) else missing
    version = max(seen.get(news.source, 0), news.version or 0)
    return evolve(
        page,
        **members,
        seen=tuple(sorted({**seen, news.source: version}.items())),
        history=_added(page, news),
    )


def _added(page: BookingPage | TicketPage, news: News) -> tuple[Entry, ...]:
    entry = Entry(news.at, news.source, news.version or 0, news.status)
    told = {(line.source, line.version, line.status) for line in page.history}
    if (entry.source, entry.version, entry.status) in told:
        return tuple(page.history)
    return tuple(sorted((*page.history, entry), key=_place))


_place = attrgetter("at", "source", "version", "status")
