"""How much of a ticket is taken, on which terms it is sold, and the guard of its capacity."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from myticket_core.access import Scope
from myticket_core.booking.campaign import Campaign
from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.terms import Terms, on_terms
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Cause, Decision, Event


@frozen(kw_only=True)
class Sale:
    """No claim brings held + booked above the capacity.

    `ceiling` is what the database checks them against: the capacity, or what was taken already when the capacity was
    lowered below that. `version` counts what was told of the sale, `terms.version` is the ticket's. `waiting` people
    stand in line for a seat, of `numbered` who have joined it so far.
    """

    ticket_id: int
    terms: Terms
    ceiling: int | None
    held: int = 0
    booked: int = 0
    deleted: bool = False
    campaign: Campaign | None = None
    version: int = 0
    waiting: int = 0
    numbered: int = 0

    @property
    def taken(self) -> int:
        return self.held + self.booked

    @property
    def remaining(self) -> int | None:
        """Seats left for whoever comes now: those that people wait for are not. None: unlimited."""
        return None if self.terms.capacity is None else max(0, self.terms.capacity - self.taken - self.waiting)

    @property
    def free(self) -> int | None:
        """Seats that nobody has, whoever waits for them; None: unlimited."""
        return None if self.terms.capacity is None else max(0, self.terms.capacity - self.taken)

    @property
    def calls(self) -> bool:
        """Whether somebody of its line can be offered a seat, or is to be let go."""
        return self.waiting > 0 and (self.deleted or self.terms.price is None or self.free != 0)

    @property
    def available(self) -> bool:
        return not self.deleted and self.remaining != 0

    @property
    def left(self) -> int:
        """Live bookings the campaign still has to cancel."""
        return 0 if self.campaign is None else self.taken - self.failed

    @property
    def failed(self) -> int:
        """Live bookings that did not give way: what its buyer canceled since is none of them."""
        return 0 if self.campaign is None else min(self.campaign.failed, self.taken)

    @property
    def done(self) -> int:
        """Bookings of the campaign that are not live any more, whoever canceled them."""
        return 0 if self.campaign is None else max(0, self.campaign.total - self.taken)

    def is_open(self, now: datetime) -> bool:
        return not self.deleted and (self.terms.ends is None or now < self.terms.ends)

    def sells(self, now: datetime) -> bool:
        """Whether it is open, and not withdrawn."""
        return self.is_open(now) and self.terms.price is not None

    def owned(self, owner: Scope) -> Sale:
        """Itself. Raises NotFound when another company sells it."""
        if not owner.covers(company_id=self.terms.company_id):
            raise NotFound("ticket", self.ticket_id)
        return self

    def claim(self, booking: Booking, asked_price: int | None, sure: bool = True) -> tuple[Sale, tuple[Event, ...]]:
        """A seat for `booking`. Raises Rejected: closed, price_changed (with the price), sold_out (with remaining).

        Raises NotFound when the terms are not known; unless `sure`, also when they are an original's, which does not
        say when it changes them.
        """
        self._on_sale(booking.created_at)
        if not sure and self.terms.version is None:
            raise NotFound("ticket", self.ticket_id)
        if asked_price is not None and asked_price != self.terms.price:
            detail = f"ticket {self.ticket_id} costs {self.terms.price}, not {asked_price}"
            raise Rejected("price_changed", detail, price=self.terms.price)
        if self.remaining == 0:
            raise self._sold_out()
        return self.moved(None, booking.status)

    def joined(self, now: datetime) -> Decision[Sale]:
        """One more waits. Raises Rejected: closed, seats_left (with remaining: nothing to wait for); NotFound."""
        self._on_sale(now)
        if self.remaining != 0:
            facts = {} if self.remaining is None else {"remaining": self.remaining}
            seats = " ".join(map(str, (*facts.values(), "seats")))
            raise Rejected("seats_left", f"{seats} of ticket {self.ticket_id} are left: book one", **facts)
        return evolve(self, waiting=self.waiting + 1, numbered=self.numbered + 1), ()

    def let_go(self) -> Decision[Sale]:
        """One less waits."""
        return self._told(evolve(self, waiting=self.waiting - 1))

    def given(self, now: datetime) -> Decision[Sale]:
        """A free seat to one of those who wait, whom it is held for. Raises Rejected: closed, sold_out."""
        self._on_sale(now)
        if self.free == 0:
            raise self._sold_out()
        return self._told(evolve(self, waiting=self.waiting - 1, held=self.held + 1))

    def moved(self, before: Status | None, after: Status) -> Decision[Sale]:
        """The counts after a booking went from one status to another."""
        held = self.held + (after is Status.PENDING) - (before is Status.PENDING)
        booked = self.booked + (after is Status.BOOKED) - (before is Status.BOOKED)
        lowered = None if self.ceiling is None else max(self.terms.capacity or 0, min(self.ceiling, held + booked))
        return self._told(evolve(self, held=held, booked=booked, ceiling=lowered))

    def recovered(self, before: Status | None, after: Status) -> Sale:
        """`moved` by what is long done: it is counted whatever the capacity is by now, and is no news."""
        moved, _ = self.moved(before, after)
        ceiling = None if moved.ceiling is None else max(moved.ceiling, moved.taken)
        return evolve(moved, ceiling=ceiling, version=self.version)

    def retold(self, version: int) -> Sale:
        """So often it was told, at least."""
        return evolve(self, version=max(version, self.version))

    def sold_on(self, terms: Terms) -> Decision[Sale]:
        """Sold on new terms; older terms than the known ones, or terms of a deleted ticket, change nothing."""
        if self.deleted or terms == self.terms or not self._newer(terms):
            return self, ()
        ceiling = None if terms.capacity is None else max(terms.capacity, self.taken)
        return self._told(evolve(self, terms=terms, ceiling=ceiling))

    def withdrawn(self) -> Decision[Sale]:
        """Not for sale until new terms come, as an original says that does not sell it (any more)."""
        terms = self.terms if self.terms.version is not None else evolve(self.terms, price=None)
        return evolve(self, terms=terms), ()

    def closed(self, cause: Cause) -> Decision[Sale]:
        """The ticket is deleted: no new booking from now on, and a campaign to cancel the live ones."""
        if self.deleted:
            return self, ()
        return evolve(self, deleted=True, campaign=Campaign(self.taken, cause.id, cause.correlation_id)), ()

    def is_due(self, now: datetime) -> bool:
        """Whether the campaign has something to do: bookings it has not tried yet, or failed ones after a while."""
        campaign = self.campaign
        return campaign is not None and not campaign.paused and (self.left > 0 or campaign.retries(now))

    def campaigned(self, failed: int, now: datetime) -> Decision[Sale]:
        """A round of the campaign is over, and `failed` bookings did not give way."""
        return self if self.campaign is None else evolve(self, campaign=self.campaign.round_over(failed, now)), ()

    def paused(self, paused: bool) -> Decision[Sale]:
        """The campaign stops, or goes on and tries again at once what failed. Raises NotFound: it was not deleted."""
        if self.campaign is None:
            raise NotFound("deletion of ticket", self.ticket_id)
        return evolve(self, campaign=self.campaign.steered(paused)), ()

    def _on_sale(self, now: datetime) -> None:
        """Raises Rejected("closed"), NotFound: the terms are not known."""
        if not self.is_open(now):
            raise Rejected("closed", f"ticket {self.ticket_id} is not on sale any more", ticket_id=self.ticket_id)
        if self.terms.price is None:
            raise NotFound("ticket", self.ticket_id)

    def _sold_out(self) -> Rejected:
        return Rejected("sold_out", f"no seat of ticket {self.ticket_id} is left", remaining=0)

    def _newer(self, terms: Terms) -> bool:
        """Terms without a version, from an original, count only as long as nothing better is known.

        What it says of its own accord has no price.
        """
        if terms.version is None:
            return self.terms.version is None and terms.price is not None
        return terms.version > (self.terms.version or 0)

    def _told(self, after: Sale) -> Decision[Sale]:
        """`after`, and the news when seats ran out or came back since the last: what was told first was SoldOut."""
        said_available = self.version % 2 == 0
        if after.deleted or after.available == said_available:
            return after, ()
        after = evolve(after, version=after.version + 1)
        kind = BackOnSale if after.available else SoldOut
        return after, (kind(id=after.ticket_id, version=after.version, company_id=after.terms.company_id),)


def unknown(ticket_id: int) -> Sale:
    """A ticket nothing is known of yet: nothing can be claimed."""
    return Sale(ticket_id=ticket_id, terms=Terms(company_id=None, price=None, capacity=None), ceiling=None)


def hold(
    sale: Sale, id: BookingId, booking: Booking, asked_price: int | None, sure: bool = True
) -> tuple[Sale, Decision[Booking]]:
    """The sale with one seat less, and the booking that holds it, numbered, on the terms of now. Raises as `claim`."""
    sale, events = sale.claim(booking, asked_price, sure)
    return sale, (on_terms(booking, id, sale.terms), events)
