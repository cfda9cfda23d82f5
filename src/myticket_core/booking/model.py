"""A booking and its decisions: (state, facts) -> (state, events), no IO, no clock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType

from attrs import evolve, field, frozen

from myticket_core.access import Scope
from myticket_core.booking.campaign import REASON, Outcome
from myticket_core.booking.events import WAITED, BookCanceled, Booked, PaymentDue
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision
from myticket_core.values import kept, millis, or_nothing, written

BookingId = NewType("BookingId", int)


class Status(StrEnum):
    PENDING = "PENDING"  # the seat is held, the money is not there yet
    BOOKED = "BOOKED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    CANCELED = "CANCELED"


class Step(StrEnum):
    CONFIRM = "CONFIRM"
    DECLINE = "DECLINE"
    EXPIRE = "EXPIRE"
    CANCEL = "CANCEL"


LIVE: Final = frozenset({Status.PENDING, Status.BOOKED})
"""These take a seat."""

_OVER: Final = (Status.DECLINED, Status.EXPIRED, Status.CANCELED)
TABLE: Final[dict[tuple[Status, Step], Status]] = {
    (Status.PENDING, Step.CONFIRM): Status.BOOKED,
    (Status.PENDING, Step.DECLINE): Status.DECLINED,
    (Status.PENDING, Step.EXPIRE): Status.EXPIRED,
    (Status.PENDING, Step.CANCEL): Status.CANCELED,
    (Status.BOOKED, Step.CONFIRM): Status.BOOKED,
    (Status.BOOKED, Step.DECLINE): Status.BOOKED,
    (Status.BOOKED, Step.EXPIRE): Status.BOOKED,
    (Status.BOOKED, Step.CANCEL): Status.CANCELED,
    **{(over, step): over for over in _OVER for step in Step},
}
"""Every status × step. What is over stays as it is: an approval that comes late is refunded by payment, which
heard BookCanceled; the caller reads the outcome from the status."""


@frozen(kw_only=True)
class Booking:
    """One seat of a ticket for one customer. `price` is the whole booking's, taken from the terms.

    So are the terms of its buyer's own cancel: until `cancel_until` (None: at any time), for `cancel_fee`. `refund`
    is what is given back of what was paid, once it is over; None: all of it, as before there were fees.
    `failure` is why the campaign of its deleted ticket could not cancel it, when it last tried.
    `expires_at` is the end of the hold; `correlation_id` that of the request that began it all, for what
    follows without a request; `method` is how the buyer wants to pay. `due_from`: its buyer was asked to pay later,
    waits in line since, and may be told to pay from then on; None: does not wait, or was told. `checked_in_at`:
    somebody was let in with it then.
    """

    id: BookingId
    ticket_id: int
    customer_id: int
    company_id: int | None
    price: int
    expires_at: datetime
    created_at: datetime
    correlation_id: str
    starts: datetime | None = None
    ends: datetime | None = None
    cancel_until: datetime | None = None
    cancel_fee: int = field(default=0, converter=or_nothing)
    method: str | None = None
    status: Status = Status.PENDING
    payment_id: int | None = None
    reason: str | None = field(default=None, converter=kept)
    refund: int | None = None
    failure: str | None = field(default=None, converter=kept)
    due_from: datetime | None = None
    checked_in_at: datetime | None = None
    version: int = 0

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def outcome(self) -> Outcome | None:
        """What a campaign has made of it so far."""
        if self.live:
            return Outcome.LEFT if self.failure is None else Outcome.FAILED
        return Outcome.CANCELED if self.status is Status.CANCELED and self.reason == REASON else None

    @property
    def given_back(self) -> int | None:
        """What is to be given back; None while no payment is known here. Of a charge that is found later pay tells."""
        return None if self.payment_id is None else self.refund

    @property
    def fee(self) -> int:
        """What its buyer's own cancel costs as things stand: nothing before it is booked."""
        return self.cancel_fee if self.status is Status.BOOKED else 0

    def too_late(self, now: datetime) -> bool:
        """Whether its buyer may not cancel it any more; a hold can be called off as long as it is there."""
        return self.status is Status.BOOKED and self.cancel_until is not None and now > self.cancel_until

    @property
    def used(self) -> bool:
        """Whether its buyer has had what it was for, and may not cancel it any more."""
        return self.status is Status.BOOKED and self.checked_in_at is not None

    def put_off(self, until: datetime) -> Decision[Booking]:
        """Its buyer is to pay later, and waits in line; where in it says the booking's number, also a second time."""
        if self.status is not Status.PENDING or self.due_from is not None:
            return self, ()
        return evolve(self, due_from=until), ()

    def unheard_of(self, now: datetime) -> Decision[Booking]:
        """Payment knows of no charge: its buyer waits in line to pay, unless they were told to pay before."""
        return (self, ()) if self.version else self.put_off(now)

    def due(self) -> Decision[Booking]:
        """Whoever waits in line is told to pay now, once."""
        if self.status is not Status.PENDING or self.due_from is None:
            return self, ()
        booking = evolve(self, due_from=None, version=self.version + 1)
        return booking, (PaymentDue(expires_at=millis(booking.expires_at), **_told(booking)),)

    def offered(self) -> Decision[Booking]:
        """Held for one who waited for a seat, and who is told to pay."""
        booking = evolve(self, version=self.version + 1)
        return booking, (PaymentDue(expires_at=millis(booking.expires_at), occasion=WAITED, **_told(booking)),)

    def confirmed(self, payment_id: int) -> Decision[Booking]:
        """PENDING → BOOKED. Confirming twice changes nothing, nor does confirming what is over."""
        if not self._moves(Step.CONFIRM):
            return self, ()
        booking = evolve(self, status=Status.BOOKED, payment_id=payment_id, version=self.version + 1)
        return booking, (Booked(payment_id=payment_id, **_told(booking)),)

    def declined(self, reason: str) -> Decision[Booking]:
        """PENDING → DECLINED: the seat is free again. Nobody was charged: only who heard of the hold is told."""
        if not self._moves(Step.DECLINE):
            return self, ()
        if self.version:
            return self._ended(Step.DECLINE, reason)
        return evolve(self, status=Status.DECLINED, reason=reason), ()

    def expired(self) -> Decision[Booking]:
        """PENDING → EXPIRED. Payment hears of it and refuses or refunds whatever comes later."""
        return self._ended(Step.EXPIRE, "the hold ended before it was paid")

    def canceled(self, reason: str) -> Decision[Booking]:
        """PENDING or BOOKED → CANCELED, and everything is given back; canceling again changes nothing."""
        return self._ended(Step.CANCEL, reason)

    def called_off(self, reason: str, now: datetime, agreed: int | None = None) -> Decision[Booking]:
        """`canceled` as its buyer may: unused, in time, and for the fee, if that is no more than was `agreed` to.

        Raises Rejected("checked_in" | "too_late" | "fee_changed").
        """
        if self.used:
            raise self._checked_in_before()
        if self.cancel_until is not None and self.too_late(now):
            detail = f"booking {self.id} could be canceled until {written(self.cancel_until)}"
            raise Rejected("too_late", detail, cancel_until=self.cancel_until)
        if agreed is not None and self.fee > agreed:
            raise Rejected("fee_changed", f"to cancel booking {self.id} costs {self.fee}, not {agreed}", fee=self.fee)
        return self._ended(Step.CANCEL, reason, kept=self.fee)

    def standing(self) -> Booking:
        """Itself, paid and not over. Raises Rejected("not_booked")."""
        if self.status is not Status.BOOKED:
            raise Rejected("not_booked", f"booking {self.id} is {self.status}", book_status=self.status.value)
        return self

    def checked_in(self, now: datetime) -> Decision[Booking]:
        """Whoever brings it is let in, once. Raises Rejected("not_booked" | "checked_in")."""
        if self.standing().used:
            raise self._checked_in_before()
        return evolve(self, checked_in_at=now), ()

    def stuck(self, failure: str) -> Decision[Booking]:
        """It could not be canceled, and why; remembered as long as it is there."""
        return (evolve(self, failure=failure) if self.live else self), ()

    def recovered(self, told: Booking) -> Booking:
        """As `told`, if that had come further; itself if not, or if its number is another booking's by now."""
        another = (self.ticket_id, self.customer_id) != (told.ticket_id, told.customer_id)
        if another or told.version <= self.version:
            return self
        return evolve(
            self,
            status=told.status,
            payment_id=told.payment_id,
            reason=told.reason,
            refund=told.refund,
            failure=None,
            due_from=None,
            version=told.version,
        )

    def owned(self, owner: Scope) -> Booking:
        """Itself. Raises NotFound when it is somebody else's."""
        if not owner.covers(company_id=self.company_id, customer_id=self.customer_id):
            raise NotFound("book", self.id)
        return self

    def _checked_in_before(self) -> Rejected:
        assert self.checked_in_at is not None
        detail = f"somebody was let in with booking {self.id} at {written(self.checked_in_at)}"
        return Rejected("checked_in", detail, checked_in_at=self.checked_in_at)

    def _moves(self, step: Step) -> bool:
        return TABLE[self.status, step] is not self.status

    def _ended(self, step: Step, reason: str, kept: int = 0) -> Decision[Booking]:
        if not self._moves(step):
            return self, ()
        status, refund = TABLE[self.status, step], self.price - kept
        booking = evolve(self, status=status, reason=reason, refund=refund, failure=None, version=self.version + 1)
        facts = BookCanceled(payment_id=booking.payment_id, reason=booking.reason, refund=refund, **_told(booking))
        return booking, (facts,)


def _told(booking: Booking) -> dict[str, Any]:
    return {
        "id": booking.id,
        "version": booking.version,
        "ticket_id": booking.ticket_id,
        "price": booking.price,
        "company_id": booking.company_id,
        "customer_id": booking.customer_id,
        "start_date": millis(booking.starts),
        "end_date": millis(booking.ends),
        "cancel_until": millis(booking.cancel_until),
        "cancel_fee": booking.cancel_fee,
        "status": booking.status.value,
    }
