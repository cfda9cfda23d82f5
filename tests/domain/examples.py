"""Values for tests; every member can be said otherwise."""

from datetime import UTC, datetime, timedelta

from attrs import evolve

from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.sale import Sale
from myticket_core.booking.terms import Terms
from myticket_core.messages import Cause, Envelope
from myticket_core.payment.model import Payment, PaymentId
from myticket_core.payment.model import Status as PaymentStatus
from myticket_core.ports import Record
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.wire import encode

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAUSE = Cause(id="cause", correlation_id="case")


def booking(**members) -> Booking:
    said = {
        "id": BookingId(5),
        "ticket_id": 3,
        "customer_id": 6,
        "company_id": 7,
        "price": 1500,
        "expires_at": NOON + timedelta(minutes=10),
        "created_at": NOON,
        "correlation_id": "case",
    }
    return Booking(**(said | members))


def payment(**members) -> Payment:
    said = {
        "id": PaymentId(2),
        "booking_id": 5,
        "price": 1500,
        "customer_id": 6,
        "company_id": 7,
        "status": PaymentStatus.REQUESTED,
        "correlation_id": "case",
        "created_at": NOON,
    }
    return Payment(**(said | members))


def ticket(**members) -> Ticket:
    return Ticket(**({"id": TicketId(3), "company_id": 7, "price": 1500, "version": 1} | members))


def sale(capacity: int | None = 2, **members) -> Sale:
    terms = Terms(company_id=7, price=1500, capacity=capacity, version=1)
    made = Sale(**({"ticket_id": 3, "terms": terms, "ceiling": capacity} | members))
    return made if made.remaining != 0 else evolve(made, version=members.get("version", 1))  # it was told


def envelope(event, id: str = "e1", at: datetime = NOON, cause: Cause = CAUSE) -> Envelope:
    return Envelope.seal(event, cause, id, at)


def record(event, position: int = 0, id: str = "e1", keyed: bool = True) -> Record:
    sealed = envelope(event, id)
    value, headers = encode(sealed)
    return Record(position=position, key=sealed.key if keyed else None, value=value, headers=headers)


class Clock:
    """It goes on when `time` is set."""

    def __init__(self):
        self.time = NOON

    def now(self):
        return self.time


class Died(BaseException):
    """The process, in the middle of what it did."""
