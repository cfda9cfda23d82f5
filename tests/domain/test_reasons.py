"""Reasons come from providers, channels and errors, in any words: what no store keeps would be lost, or in the way."""

import pytest

from myticket_core.notification.model import Message, Notification, NotificationId
from myticket_core.payment.model import Refund, Status
from myticket_core.values import kept
from myticket_core.wire import decode
from tests.domain.examples import NOON, booking, payment, record

ODD, KEPT = "한 \ud800\0\n", "한 \\ud800\\x00\n"
DUE = payment(status=Status.CANCELING, refund=Refund(amount=1500))
MESSAGE = Message(event_id="e", event="Booked", channel="email", text="t", correlation_id="c", company_id=1)
QUEUED = Notification(id=NotificationId(1), message=MESSAGE, created_at=NOON, due_at=NOON)


@pytest.mark.parametrize("text", [None, "", "plain", "예매 🎺", "two\nlines"])
def test_what_can_be_kept_stays_as_it_is(text):
    assert kept(text) == text


@pytest.mark.parametrize(
    "reason",
    [
        payment(status=Status.REQUESTED).declined(ODD, NOON)[0].reason,
        payment(status=Status.APPROVED).canceled(ODD, "cancel", None, NOON)[0].reason,
        DUE.refund_failed(ODD, 1)[0].refund.reason,
        DUE.refund_missed(ODD, DUE.refund, NOON)[0].refund.reason,
        booking().declined(ODD)[0].reason,
        booking().stuck(ODD)[0].failure,
        QUEUED.failed(ODD, NOON).reason,
        QUEUED.refused(ODD).reason,
    ],
)
def test_every_reason_can_be_kept(reason):
    assert reason == KEPT


@pytest.mark.parametrize("step", [lambda: DUE.refund_failed(ODD, 1), lambda: booking(version=1).declined(ODD)])
def test_what_is_told_of_it_can_be_published(step):
    _, (event,) = step()
    assert decode(record(event)).data["reason"] == KEPT
