"""What a service has told is told back to it, and says all that there is to know of what it was about."""

from datetime import timedelta

import pytest
from attrs import evolve

from myticket_core.booking.events import Booked
from myticket_core.booking.recover import RecoverBooking
from myticket_core.messages import Envelope
from myticket_core.payment.events import PaymentApproved
from myticket_core.payment.model import Status as PaymentStatus
from myticket_core.payment.recover import CHARGED, RecoverPayment
from myticket_core.ticket.events import TicketRegistered
from myticket_core.ticket.model import registered
from myticket_core.ticket.recover import RecoverTicket
from tests.domain.examples import NOON, booking, envelope, payment, ticket

AGO = NOON - timedelta(days=1)
DATES = {"starts": NOON, "ends": NOON + timedelta(days=1)}


def cause(said):
    return envelope(said, at=AGO).cause("whoever said it")


def test_a_booking_is_as_it_was_told():
    held = booking(**DATES, cancel_until=NOON, cancel_fee=150, created_at=AGO, expires_at=NOON, due_from=NOON)
    due, (asked,) = held.due()
    paid, (booked,) = due.confirmed(9)
    over, (ended,) = paid.called_off("changed my mind", NOON)
    assert RecoverBooking(said=asked).told(cause(asked)) == due
    for state, said in ((paid, booked), (over, ended)):
        assert RecoverBooking(said=said).told(cause(said)) == evolve(state, expires_at=AGO)


def test_a_ticket_is_as_it_was_told():
    first, (said,) = registered(ticket(**DATES, capacity=3, cancel_until=NOON, cancel_fee_percent=10))
    assert RecoverTicket(said=said).told() == first
    dearer, (said,) = first.changed(price=99)
    assert RecoverTicket(said=said).told() == dearer
    gone, (said,) = dearer.deleted()
    assert first.recovered(RecoverTicket(said=said).told()) == evolve(first, status=gone.status, version=3)


def test_a_payment_is_as_it_was_told():
    asked = payment(**DATES, status=PaymentStatus.REQUESTED, created_at=AGO, method=None, charge=None)
    approved, (said,) = asked.approved("charge", NOON)
    assert RecoverPayment(said=said).told(cause(said)) == evolve(approved, charge=CHARGED)
    back, (said,) = approved.canceled("over", "case", 1000, NOON)[0].refunded("refund")
    told = RecoverPayment(said=said).told(cause(said))
    assert (told.status, told.version, told.reason) == (back.status, 2, "over")
    assert (told.refund.amount, told.refund.status) == (1000, back.refund.status)


def test_a_refund_that_failed_is_as_it_was_told():
    canceling, _ = payment(status=PaymentStatus.APPROVED, version=1).canceled("over", "case", 1000, NOON)
    failed, (said,) = canceling.refund_failed("the account is closed", 1)
    told = RecoverPayment(said=said).told(cause(said))
    assert (told.status, told.version) == (PaymentStatus.CANCELING, 2)
    assert (told.refund.amount, told.refund.status, told.refund.reason) == (
        1000,
        failed.refund.status,
        "the account is closed",
    )


@pytest.mark.parametrize("missing", ["version", "status", "ticket_id", "customer_id"])
def test_what_an_original_says_is_nothing_of_ours(missing):
    said = evolve(booking().confirmed(9)[1][0], **{missing: None})
    assert RecoverBooking(said=said).told(cause(said)) is None


def test_nor_is_a_status_that_there_is_not():
    assert RecoverBooking(said=Booked(id=1, version=1, ticket_id=1, customer_id=1, status="?")).told(cause_()) is None
    assert RecoverPayment(said=PaymentApproved(id=1, version=1, book_id=1, status="?")).told(cause_()) is None
    assert RecoverTicket(said=TicketRegistered(id=1, version=1, company_id=1, status="?")).told() is None


def cause_():
    return cause(Booked(id=1))


def test_it_is_kept_as_it_was_sealed_but_for_whence_it_came():
    sealed = envelope(booking().confirmed(9)[1][0], at=AGO)
    heard = Envelope.heard(booking().confirmed(9)[1][0], sealed.cause("book"))
    assert heard == evolve(sealed, causation_id=None)
