"""What the services have stored, as plain rows: money in the smallest unit, moments in epoch milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen


@frozen(kw_only=True)
class TicketRow:
    """A ticket, deleted ones too."""

    id: int
    company_id: int
    price: int
    status: str
    version: int
    name: str | None = None
    capacity: int | None = None
    start_date: int | None = None
    end_date: int | None = None


@frozen(kw_only=True)
class SaleRow:
    """Booking's copy of a ticket as of its `offer_version`; `ceiling` is what its database checks held + booked with.

    `paused`: its bookings wait until the organizer lets the cancellation go on. So many are `waiting` for a seat.
    """

    ticket_id: int
    capacity: int | None
    ceiling: int | None
    held: int
    booked: int
    deleted: bool
    version: int
    paused: bool = False
    waiting: int = 0
    offer_version: int | None = None


@frozen(kw_only=True)
class BookingRow:
    """`cancel_fee` None: none; `refund` None: all of it, from before there were fees."""

    id: int
    ticket_id: int
    customer_id: int
    price: int
    status: str
    version: int
    company_id: int | None = None
    payment_id: int | None = None
    expires_at: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    cancel_until: int | None = None
    cancel_fee: int | None = None
    refund: int | None = None


@frozen(kw_only=True)
class WaitingRow:
    """A place in a ticket's line; `booking_id` is the last offer."""

    id: int
    ticket_id: int
    customer_id: int
    number: int
    status: str
    booking_id: int | None = None
    version: int = 0


@frozen(kw_only=True)
class PaymentRow:
    """`charge`: the provider's reference, None: nothing was charged. `in_doubt`: a charge may be under way. The refund
    of a CANCELING or CANCELED one; None: all of it (an earlier version's).
    """

    id: int
    booking_id: int
    status: str
    version: int
    price: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    charge: str | None = None
    in_doubt: bool = False
    refund_status: str | None = None
    refund_amount: int | None = None
    refund_round: int | None = None

    @property
    def due(self) -> int:
        """What of the price is, or was, to be given back."""
        if self.status not in ("CANCELING", "CANCELED"):
            return 0
        return self.price or 0 if self.refund_amount is None else self.refund_amount

    @property
    def back(self) -> int:
        """What of the price was given back."""
        return self.due if self.status == "CANCELED" else 0

    @property
    def given_up(self) -> bool:
        """The refund has failed, and waits for an operator."""
        return self.status == "CANCELING" and self.refund_status == "FAILED"

    @property
    def key(self) -> str:
        """The provider's key of its charge, as payment.approve has it."""
        return f"booking-{self.booking_id}"


@frozen(kw_only=True)
class ChargeRow:
    """Money that moved at the provider, and what of it moved back; what it refused is no row."""

    key: str
    amount: int
    refunded: int = 0


@frozen(kw_only=True)
class OutboxRow:
    """Something a service said, published or not; in the order it was said. `time`: when."""

    service: str
    id: str
    type: str
    key: str
    version: int | None
    published: bool
    correlation_id: str
    causation_id: str | None = None
    time: int = 0


@frozen(kw_only=True)
class LogRow:
    """A record of the log, in the log's order; `id` is the event's."""

    id: str
    type: str
    key: str
    version: int | None


@frozen(kw_only=True)
class NotificationRow:
    event_id: str
    event: str
    channel: str
    status: str
    correlation_id: str
    customer_id: int | None = None
    company_id: int | None = None


@frozen(kw_only=True)
class BookingPageRow:
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
    refund_amount: int | None = None


@frozen(kw_only=True)
class TicketPageRow:
    ticket_id: int
    company_id: int | None = None
    name: str | None = None
    price: int | None = None
    capacity: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    status: str | None = None


@frozen(kw_only=True)
class AnswerRow:
    """A 2xx that somebody got: the ticket or booking of that id was in that status. `key`: asked for with it."""

    kind: str  # ticket | booking
    id: int
    status: str
    key: str | None = None


@frozen(kw_only=True)
class MoveRow:
    """A committed change of status, in the order of the commits; `before` None: it was made. `at`: when."""

    kind: str  # ticket | booking | payment
    id: int
    before: str | None
    after: str
    at: int = 0


@frozen(kw_only=True)
class Snapshot:
    """One look at the services. A part that is None was not looked at: what needs it is not checked.

    `now` is epoch milliseconds; what was said, or moved, before `since` may have been forgotten; `channels` are those
    that notifications are composed for; `rebuilt` names what differed between my page and a rebuild from the log;
    `keys` are the idempotency keys that bookings were placed with, by the bookings' ids: what is stored of a booking
    does not say; `lag` is how many records each consumer has not handled, `parked` which events (consumer, id) wait for
    somebody.
    """

    now: int | None = None
    since: int | None = None
    tickets: Sequence[TicketRow] | None = None
    sales: Sequence[SaleRow] | None = None
    bookings: Sequence[BookingRow] | None = None
    waiting: Sequence[WaitingRow] | None = None
    payments: Sequence[PaymentRow] | None = None
    charges: Sequence[ChargeRow] | None = None
    outbox: Sequence[OutboxRow] | None = None
    log: Sequence[LogRow] | None = None
    notifications: Sequence[NotificationRow] | None = None
    channels: Sequence[str] | None = None
    booking_pages: Sequence[BookingPageRow] | None = None
    ticket_pages: Sequence[TicketPageRow] | None = None
    rebuilt: Sequence[str] | None = None
    keys: Mapping[int, str] | None = None
    answers: Sequence[AnswerRow] | None = None
    moves: Sequence[MoveRow] | None = None
    lag: Mapping[str, int] = field(factory=dict)
    parked: Sequence[tuple[str, str]] = ()
