"""What booking needs, said as guarantees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.booking.buyer import Buyer
from myticket_core.booking.campaign import Outcome as CampaignOutcome
from myticket_core.booking.campaign import Toll
from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.sale import Sale
from myticket_core.booking.terms import Terms
from myticket_core.booking.waiting import Place, Seen, Stood, Waiting
from myticket_core.messages import Cause, Decide, Decision, Event, Kept
from myticket_core.paging import Page, Paging

Claim: TypeAlias = Callable[[Sale, BookingId], tuple[Sale, Decision[Booking]]]
"""Pure: takes a seat of the sale for a new booking of this id. Raises Rejected."""
Judge: TypeAlias = Callable[[Booking, Sale], Decision[Booking]]
"""Pure: what becomes of a booking whose sale stands so. Raises Rejected."""


Join: TypeAlias = Callable[[Seen], Stood]
"""Pure. Raises Rejected, NotFound."""
Move: TypeAlias = Callable[[Sale, Waiting], Stood]
"""Pure."""
Give: TypeAlias = Callable[[Sale, Waiting, BookingId], tuple[Sale, Waiting, Decision[Booking]]]
"""Pure: offers a seat as a new booking of this id. Raises Rejected."""


class Bookings(Protocol):
    """The bookings, and what is for sale. Every write stores states and events in one commit or not at all.

    A write raises Unavailable when nothing is stored, InDoubt when that cannot be said; so do those of other stores.
    `judge`, where there is one, has the last word: it is given the booking as `decide` left it, or as a repeat of the
    key found it, and its sale as it stands in this very commit. Whoever changes the sale comes before, and is seen, or
    afterwards, and finds what was stored.
    """

    async def hold(
        self, ticket_id: int, claim: Claim, cause: Cause, buyer: Buyer | None = None, judge: Judge | None = None
    ) -> Kept[Booking]:
        """Claim the seat and store the booking: both or neither, once per cause.key.

        However many callers race, no claim sees a seat that another has; and `buyer`, who is the booking's customer,
        is asked about another one with the number of their PENDING bookings that this one comes to. A repeat of the
        key returns the booking as it is now, and as `judge` has it: only then that is asked, as a claim has seen the
        sale; with another fingerprint: Rejected("key_reused"). Raises what `buyer` and `claim` raise, and NotFound
        when the ticket is not for sale here as far as is known.
        """

    async def change(self, id: BookingId, decide: Decide[Booking], cause: Cause, judge: Judge | None = None) -> Booking:
        """Store what `decide` returns, and the sale's counts with it (Sale.moved), once per cause of a consumer.

        The cause's key is not looked at: what follows from a request is not the request. Raises NotFound, and what
        `decide` and `judge` raise.
        """

    async def change_once(
        self, id: BookingId, decide: Decide[Booking], cause: Cause, judge: Judge | None = None
    ) -> Kept[Booking]:
        """`change`, as a caller asked for it, once per cause.key; remembered also when it changes nothing.

        A repeat of the key decides nothing and returns the booking as it is now, and as `judge` has it; with another
        fingerprint: Rejected("key_reused"), whether it held or changed something before. Raises NotFound and what
        `decide` and `judge` raise: then the key is free.
        """

    async def recover(self, told: Booking, said: Event, cause: Cause) -> None:
        """Store the booking as `said`, an event that is the cause, has told it, unless what is here is as far
        (Booking.recovered); its sale, known or not, counts it (Sale.recovered). Nobody is told. Numbers drawn from then
        on are above its own.
        """

    async def get(self, id: BookingId, owner: Scope) -> Booking:
        """Raises NotFound, also when it is somebody else's."""

    async def list(self, owner: Scope, paging: Paging) -> Page[Booking]:
        """Sortable by id, ticket_id, price, status, starts, ends, created_at; else Invalid("sort", …)."""

    async def lapsed(self, now: datetime, limit: int) -> Sequence[Booking]:
        """PENDING bookings whose hold has ended, the oldest hold first."""

    async def pending(self, created_before: datetime, after: BookingId, limit: int) -> Sequence[Booking]:
        """PENDING bookings made before that, with an id above `after`, by id."""

    async def line(self, now: datetime, limit: int) -> Sequence[Booking]:
        """The first in line who may be told to pay now, by id: PENDING, `due_from` has come, the hold has not ended.

        Nobody stands in line whose ticket is deleted: there is nothing to pay for.
        """

    async def in_line(self) -> int:
        """How many stand in line, whether or not they may be told by now."""

    async def live(self, ticket_id: int, after: BookingId, limit: int) -> Sequence[Booking]:
        """PENDING and BOOKED bookings of the ticket with an id above `after`, by id."""

    async def toll(self, ticket_id: int) -> Toll:
        """What the ticket's deletion would cost, and has cost: all parts as they were at one instant."""

    async def outcomes(self, ticket_id: int, outcome: CampaignOutcome, paging: Paging) -> Page[Booking]:
        """The ticket's bookings that the campaign has canceled, failed to cancel, or not come to. Sortable by id."""

    async def checked_in(self, ticket_id: int, paging: Paging) -> Page[Booking]:
        """The ticket's bookings that somebody was let in with. Sortable by id, checked_in_at."""


class Sales(Protocol):
    """What is for sale, beside the bookings it is claimed by."""

    async def change(self, ticket_id: int, decide: Decide[Sale], cause: Cause) -> Sale:
        """Store what `decide` makes of the sale (`sale.unknown` when there is none), once per cause of a consumer."""

    async def recover(self, version: int, said: SoldOut | BackOnSale, cause: Cause) -> None:
        """The sale is in that version at least, as `said` has told, an event that is the cause. Nobody is told."""

    async def get(self, ticket_id: int) -> Sale:
        """Raises NotFound."""

    async def campaigns(self, after: int, limit: int) -> Sequence[Sale]:
        """Deleted tickets that still have live bookings, with an id above `after`, by id."""

    async def lines(self, now: datetime, after: int, limit: int) -> Sequence[Sale]:
        """Sales that people wait at and that have a free seat, or do not sell any more; an id above `after`, by id."""


class WaitingList(Protocol):
    """Who waits for seats. Every write stores sale, place, booking and news in one commit or not at all."""

    async def join(self, place: Place, take: Join, cause: Cause) -> Waiting:
        """Store what `take` makes of it: a customer has one place in a line, however many calls race.

        Nobody else joins for that customer between what `take` sees and what is stored. Raises what `take` raises, and
        NotFound when the ticket is not for sale here as far as is known.
        """

    async def move(self, place: Place, move: Move, cause: Cause) -> Waiting:
        """Store what `move` makes of sale and place. Raises NotFound."""

    async def offer(self, place: Place, give: Give, cause: Cause) -> Booking:
        """Store the booking that is the offer, with the place and the sale. Raises NotFound and what `give` raises."""

    async def get(self, place: Place) -> Waiting:
        """Raises NotFound."""

    async def ahead(self, waiting: Waiting) -> int:
        """How many of its line wait with a smaller number."""

    async def list(self, owner: Scope, paging: Paging) -> Page[Waiting]:
        """By its customer. Sortable by id, ticket_id, status, joined_at; else Invalid("sort", …)."""

    async def first(self, ticket_id: int, limit: int) -> Sequence[Waiting]:
        """WAITING ones of the ticket, by number."""

    async def settled(self, limit: int) -> Sequence[tuple[Waiting, Booking]]:
        """OFFERED ones whose booking is not PENDING any more, and that booking, by id."""

    async def wait(self, at_most: timedelta) -> None:
        """Return as soon as a sale `calls` its line by what this process writes, at the latest after `at_most`."""


@frozen
class Approved:
    payment_id: int


@frozen
class Declined:
    reason: str


@frozen
class Unknown:
    """No answer in time: the charge may have happened."""


@frozen
class Void:
    """Pay was told that this booking is over: nothing is, or stays, charged."""


Outcome: TypeAlias = Approved | Declined | Unknown | Void


class Payments(Protocol):
    """The payment service: the one thing booking waits for.

    Only what was paid on the booking's own terms (price, customer, ticket, as far as pay knows the latter two) is
    Approved. A payment on others is of somebody whose booking had the same number, before book was restored.
    """

    async def request(self, booking: Booking) -> Outcome:
        """Ask for the booking's price, at most one charge per booking however often it is asked.

        Approved, Declined and Void are facts. Raises Unavailable when it certainly was not charged by this call,
        Rejected("another_payment") when the booking has a payment on other terms.
        """

    def shut(self) -> timedelta | None:
        """In how long it may be worth while to ask, as now it takes nothing; None: ask."""

    def pace(self) -> float:
        """Bookings a second that it takes, as far as that has shown; above 0."""

    def admits(self) -> int:
        """How many of those in line to let in now; 0 as long as it is known to take none.

        For one caller, who asks about once a second and lets in as many.
        """

    async def find(self, booking: Booking) -> Outcome | None:
        """What has become of the booking's payment; None: nothing was charged, nor will be unless it is asked for (once
        more). Charges nothing. Raises Unavailable.
        """


class TicketCatalog(Protocol):
    """The ticket service, asked for a ticket that booking has not heard of yet, and with every booking of one whose
    terms have no version: who sells it, an original, does not say when they change.
    """

    async def terms(self, ticket_id: int) -> Terms:
        """Raises NotFound, Unavailable (after a short wait)."""
