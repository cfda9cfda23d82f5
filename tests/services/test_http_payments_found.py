"""What pay knows of a booking's payment, by looking: nothing is charged by it, so it is asked again when it fails."""

from __future__ import annotations

from time import monotonic

import pytest
from structlog.testing import capture_logs

from myticket_core.booking.ports import Approved, Declined, Unknown, Void
from tests.services.fixed_token import FixedToken
from tests.services.http_stub import breaks, dripping, endless, listed, original, payment, says, silent, stub
from tests.services.test_http_payments import BOOKING, HTML, LATE, asking, later, outcome_of

FOUND = {
    "nothing": (listed(), None),
    "approved": (listed(payment()), Approved(3)),
    "in doubt": (listed(payment(status="REQUESTED", inDoubt=True)), Unknown()),
    "in doubt, for all that an older pay says": (listed(payment(status="REQUESTED")), Unknown()),
    "asked for, and in no doubt": (listed(payment(status="REQUESTED", inDoubt=False)), None),
    "the same of another customer": (listed(payment(status="REQUESTED", inDoubt=False, customerId=2)), Unknown()),
    "the same of another booking": (listed(payment(status="REQUESTED", inDoubt=False, bookId=6)), Unknown()),
    "declined": (listed(payment(status="DECLINED", reason="no funds")), Declined("no funds")),
    "being refunded": (listed(payment(status="CANCELING")), Void()),
    "refunded": (listed(payment(status="CANCELED")), Void()),
    "called off before it was asked for": (listed(payment(status="CANCELED", price=None, customerId=None)), Void()),
    "an original": (listed(original()), Approved(3)),
    "two of an original": (listed(original(), payment(id=4, status="PayApproved")), Approved(3)),
    "two of which one counts": (listed(payment(id=4, status="PayCanceled"), original()), Approved(3)),
    "declined, and another one in doubt": (
        listed(payment(status="DECLINED"), payment(id=4, status="REQUESTED", inDoubt=True)),
        Unknown(),
    ),
    "refunded, and another one in doubt": (
        listed(payment(status="CANCELED"), payment(id=4, status="REQUESTED", inDoubt=True)),
        Unknown(),
    ),
    "a status nobody knows": (listed(payment(status="whatever")), Unknown()),
    "no status": (listed(payment(status=None)), Unknown()),
    "another booking": (listed(payment(bookId=6)), Unknown()),
    "another booking that was declined": (listed(payment(bookId=6, status="DECLINED")), Unknown()),
    "another booking that was canceled": (listed(payment(bookId=6, status="CANCELED")), Unknown()),
    "another price": (listed(payment(price=1)), Unknown()),
    "another ticket": (listed(payment(ticketId=2)), Unknown()),
    "a page": (says(200, HTML), later()),
    "no list": (says(200, {}), later()),
    "no content": (says(204), later()),
    "not for us": (says(401), later()),
    "not there": (says(404), later()),
    "moved": (says(302, Location="/elsewhere"), later()),
    "too many": (says(429, Retry_After="4"), later(4)),
    "unavailable": (says(503, Retry_After="4"), later(4)),
    "broken": (says(500), later()),
    "gone": (breaks(), later()),
    "silent": (silent, later()),
    "a byte at a time": (dripping, later()),
    "without end": (endless, later()),
}


@pytest.mark.parametrize("act, outcome", FOUND.values(), ids=FOUND)
async def test_looking_finds(act, outcome):
    began = monotonic()
    async with stub(act) as pay, asking(pay.url) as payments:
        assert await outcome_of(payments.find(BOOKING)) == outcome
    assert monotonic() - began < LATE
    assert all(asked.line.startswith("GET ") for asked in pay.asked)


async def test_it_looks_as_it_may():
    async with stub(listed()) as pay, asking(pay.url, credential=FixedToken("a.b.c")) as payments:
        await payments.find(BOOKING)
    (asked,) = pay.asked
    assert asked.line == "GET /payments/search/findByBookId?bookId=5 HTTP/1.1"
    assert (asked.headers["authorization"], asked.headers["x-correlation-id"]) == ("Bearer a.b.c", "case-1")


async def test_what_passes_is_waited_for():
    for passing in (breaks(), says(500), says(502, HTML), says(503)):
        async with stub(passing, listed(payment())) as pay, asking(pay.url) as payments:
            assert await payments.find(BOOKING) == Approved(3)
        assert len(pay.asked) == 2


async def test_who_says_when_to_come_back_is_left_alone_until_then():
    async with stub(says(503, Retry_After="4")) as pay, asking(pay.url) as payments:
        await outcome_of(payments.find(BOOKING))
    assert len(pay.asked) == 1


async def test_a_wrong_setting_is_named():
    for status, setting in ((401, "OIDC_CLIENT_ID"), (404, "API_URL_PAYMENT")):
        async with stub(says(status)) as pay, asking(pay.url) as payments:
            with capture_logs() as lines:
                for _ in range(2):
                    await outcome_of(payments.find(BOOKING))
        assert [setting in line["event"] for line in lines] == [True]
