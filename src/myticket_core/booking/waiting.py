"""Who waits for a seat of a sold-out ticket. Decisions over the sale and a place in its line: no IO, no clock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from attrs import evolve, frozen

from myticket_core.access import Scope
from myticket_core.booking.campaign import REASON
from myticket_core.booking.events import WaitingEnded
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.booking.sale import Sale
from myticket_core.booking.terms import on_terms
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision

SALE_OVER: Final = "its sale is over"

MOST: Final = 10
"""In so many lines a customer may stand at once, offers counted."""


class Status(StrEnum):
    WAITING = "WAITING"
    OFFERED = "OFFERED"  # a seat is held for them, until they pay or the hold ends
    TAKEN = "TAKEN"
    LAPSED = "LAPSED"  # the offer was not paid, or the sale ended before there was one
    LEFT = "LEFT"


class Step(StrEnum):
    JOIN = "JOIN"
    LEAVE = "LEAVE"
    OFFER = "OFFER"
    TAKE = "TAKE"
    LAPSE = "LAPSE"


LIVE: Final = frozenset({Status.WAITING, Status.OFFERED})

_OVER: Final = (Status.TAKEN, Status.LAPSED, Status.LEFT)
TABLE: Final[dict[tuple[Status, Step], Status]] = {
    (Status.WAITING, Step.JOIN): Status.WAITING,
    (Status.WAITING, Step.LEAVE): Status.LEFT,
    (Status.WAITING, Step.OFFER): Status.OFFERED,
    (Status.WAITING, Step.TAKE): Status.WAITING,
    (Status.WAITING, Step.LAPSE): Status.LAPSED,
    (Status.OFFERED, Step.JOIN): Status.OFFERED,
    (Status.OFFERED, Step.LEAVE): Status.OFFERED,
    (Status.OFFERED, Step.OFFER): Status.OFFERED,
    (Status.OFFERED, Step.TAKE): Status.TAKEN,
    (Status.OFFERED, Step.LAPSE): Status.LAPSED,
    **{(over, step): over for over in _OVER for step in Step},
    **{(over, Step.JOIN): Status.WAITING for over in _OVER},
}
"""Every status × step. Only what becomes of its booking ends an offer; whose place is over may join again."""


@frozen
class Place:
    """A customer has one place in the line of a ticket, however often they come and go."""

    ticket_id: int
    customer_id: int

    @property
    def key(self) -> str:
        return f"{self.ticket_id}/{self.customer_id}"


@frozen(kw_only=True)
class Waiting:
    """A place, and how it stands. `number` orders those of a ticket, as they joined; `booking_id` is the last offer.

    `starts` and `ends` are what the offered booking is for, as its buyer says. `version` counts what was told of it.
    """

    id: int
    ticket_id: int
    customer_id: int
    number: int
    joined_at: datetime
    correlation_id: str
    status: Status = Status.WAITING
    booking_id: int | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    version: int = 0

    @property
    def place(self) -> Place:
        return Place(self.ticket_id, self.customer_id)

    @property
    def live(self) -> bool:
        return self.status in LIVE

    def stepped(self, step: Step) -> Waiting:
        return self._to(TABLE[self.status, step])

    def settled(self, booking: Booking) -> Waiting:
        """As its offer now is; what was paid was taken, whatever became of it later."""
        if booking.status is BookingStatus.PENDING:
            return self
        return self.stepped(Step.LAPSE if booking.payment_id is None else Step.TAKE)

    def owned(self, owner: Scope) -> Waiting:
        """Itself. Raises NotFound when it is somebody else's."""
        if not owner.covers(customer_id=self.customer_id):
            raise NotFound("place in the line of ticket", self.ticket_id)
        return self

    def _to(self, status: Status) -> Waiting:
        return self if status is self.status else evolve(self, status=status)


@frozen
class Seen:
    """What a join is decided on: `id` is that of a new place, `lines` how many the customer stands in already."""

    sale: Sale
    before: Waiting | None
    id: int
    lines: int


Stood: TypeAlias = tuple[Sale, Decision[Waiting]]
"""The sale, the place, and what the sale has to tell."""


def join(
    seen: Seen,
    place: Place,
    now: datetime,
    correlation_id: str,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> Stood:
    """At the end of the line; who stands in it stays where they are. Raises Rejected, NotFound."""
    before = seen.before
    if before is not None and before.live:
        return seen.sale, (before, ())
    sale, news = seen.sale.joined(now)
    if seen.lines >= MOST:
        raise Rejected("too_many_places", f"you stand in {seen.lines} lines, and may in at most {MOST}", limit=MOST)
    waiting = Waiting(
        id=seen.id if before is None else before.id,
        ticket_id=place.ticket_id,
        customer_id=place.customer_id,
        number=sale.numbered,
        joined_at=now,
        correlation_id=correlation_id,
        starts=starts,
        ends=ends,
        version=0 if before is None else before.version,
    )
    return sale, (waiting, news)


def leave(sale: Sale, waiting: Waiting) -> Stood:
    """Who has an offer keeps it: its booking says what becomes of that."""
    return _counted(sale, waiting, waiting.stepped(Step.LEAVE))


def end(sale: Sale, waiting: Waiting, now: datetime) -> Stood:
    """Nobody waits for what is not sold any more; who did is told so."""
    if sale.sells(now) or waiting.status is not Status.WAITING:
        return sale, (waiting, ())
    lapsed = evolve(waiting.stepped(Step.LAPSE), version=waiting.version + 1)
    sale, (after, news) = _counted(sale, waiting, lapsed)
    ended = WaitingEnded(
        id=after.id,
        version=after.version,
        ticket_id=after.ticket_id,
        company_id=sale.terms.company_id,
        customer_id=after.customer_id,
        reason=REASON if sale.deleted else SALE_OVER,
    )
    return sale, (after, (*news, ended))


def settle(sale: Sale, waiting: Waiting, offered: Waiting, booking: Booking) -> Stood:
    """What has become of the offer of `offered`, if the place is still as it was then."""
    return sale, (waiting.settled(booking) if waiting == offered else waiting, ())


def _counted(sale: Sale, before: Waiting, after: Waiting) -> Stood:
    if after is before:
        return sale, (after, ())
    sale, news = sale.let_go()
    return sale, (after, news)


def offer(
    sale: Sale, waiting: Waiting, id: BookingId, number: int, now: datetime, until: datetime
) -> tuple[Sale, Waiting, Decision[Booking]]:
    """A seat held for one who waits, and is told to pay. Raises Rejected("not_waiting" | "sold_out" | "closed").

    `number` is the one that the place was seen with: who has left and joined again since stands behind others.
    The cap on unpaid bookings does not hold here: it would stop the line behind them, and an offer is not their doing.
    """
    if (waiting.status, waiting.number) != (Status.WAITING, number):
        raise Rejected("not_waiting", f"customer {waiting.customer_id} is not number {number} in the line any more")
    sale, news = sale.given(now)
    asked = Booking(
        id=id,
        ticket_id=waiting.ticket_id,
        customer_id=waiting.customer_id,
        company_id=None,
        price=0,
        expires_at=until,
        created_at=now,
        correlation_id=waiting.correlation_id,
        starts=waiting.starts,
        ends=waiting.ends,
    )
    booking, told = on_terms(asked, id, sale.terms).offered()
    after = evolve(waiting.stepped(Step.OFFER), booking_id=id)
    return sale, after, (booking, (*news, *told))
