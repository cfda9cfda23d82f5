"""What every way of answering POST /payments, or of not answering, means for a booking: exactly this, and in time."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic

import pytest
from attrs import evolve

from adapters.rest.client_payments import HttpPayments
from myticket_core.booking.ports import Approved, Declined, Unknown, Void
from myticket_core.conformance.payments import held
from myticket_core.errors import Rejected, Unavailable
from tests.services.http_stub import (
    breaks,
    dripping,
    endless,
    original,
    payment,
    says,
    silent,
    stub,
)

BOOKING = evolve(held(5), correlation_id="case-1")
PATIENCE = timedelta(seconds=1.5)
LATE = 3.0  # seconds: far more than the patience, far less than any timeout of a library
HTML = b"<html><body>Welcome</body></html>"
HALF = b"HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n" + json.dumps(payment()).encode()


@asynccontextmanager
async def asking(url: str, timeout: timedelta = PATIENCE, credential: object = None, at_once: int = 64):
    payments = HttpPayments(url, timeout, credential, at_once)
    try:
        yield payments
    finally:
        await payments.close()


async def outcome_of(call) -> object:
    """What it came to: the outcome, or the class of the error and how long to wait."""
    try:
        return await call
    except Unavailable as later:
        return Unavailable, later.retry_after.total_seconds()
    except Rejected as refused:
        return refused.code, refused.facts


def later(seconds: float = 5) -> object:
    return Unavailable, seconds


REFUSED = {"bookId": 5, "code": "payment_declined", "reason": "no funds", "detail": "booking 5: declined: no funds"}
ANSWERS = {
    # paid, and only paid
    "created": (says(201, payment()), Approved(3)),
    "was paid before": (says(200, payment()), Approved(3)),
    "an original": (says(201, original()), Approved(3)),
    "an original with 200": (says(200, original()), Approved(3)),
    "an original that knows nothing of who": (says(201, original(customerId=None, ticketId=None)), Approved(3)),
    "accepted is not paid": (says(202, payment()), Unknown()),
    "other 2xx": (says(206, payment()), Unknown()),
    "another booking": (says(201, payment(bookId=6)), Unknown()),
    "another price": (says(201, payment(price=15001)), Unknown()),
    "no price": (says(201, payment(price=None)), Unknown()),
    "another customer": (says(201, payment(customerId=2)), Unknown()),
    "another ticket": (says(201, payment(ticketId=2)), Unknown()),
    "not approved": (says(201, payment(status="REQUESTED")), Unknown()),
    "declined with 201": (says(201, payment(status="DECLINED")), Unknown()),
    "no status": (says(201, payment(status=None)), Unknown()),
    "no id at all": (says(201, original(_links={})), Unknown()),
    "a page": (says(200, HTML), Unknown()),
    "an array": (says(200, [payment()]), Unknown()),
    "numbers as text": (says(200, payment(bookId="5")), Unknown()),
    "nested without end": (says(200, b'{"more":' + b"[" * 60_000), Unknown()),
    "larger than any payment": (says(200, b" " * 70_000 + json.dumps(payment()).encode()), Unknown()),
    "not UTF-8": (says(200, b'{"status":"\xff"}'), Unknown()),
    "empty, and nothing to be seen": (says(204), Unknown()),
    # not paid
    "declined": (says(402, REFUSED), Declined("no funds")),
    "declined without a word": (says(402), Declined("declined")),
    "declined, of another booking": (says(402, REFUSED | {"bookId": 6}), Unknown()),
    "void": (says(409, {"code": "void", "bookId": 5}), Void()),
    "void, of another booking": (says(409, {"code": "void", "bookId": 6}), Unknown()),
    "paid on other terms": (says(409, {"code": "another_payment", "price": 9}), ("another_payment", {"price": 9})),
    "any other conflict": (says(409, HTML), Unknown()),
    # certainly not now
    "unavailable": (says(503, {"code": "unavailable"}, Retry_After="7"), later(7)),
    "unavailable, without saying until when": (says(503, {"code": "unavailable"}), later()),
    "a proxy that says when": (says(503, HTML, Retry_After="2"), later(2)),
    "at once": (says(503, Retry_After="0"), later(1)),
    "in a hundred years": (says(503, Retry_After="9" * 30), later(3600)),
    "too many": (says(429, Retry_After="3"), later(3)),
    "too many, without saying until when": (says(429), later()),
    "no token": (says(401), later()),
    "not for you": (says(403), later()),
    "not there": (says(404), later()),
    "not acceptable": (says(400, {"code": "invalid", "detail": "price is missing"}), later()),
    # may have happened
    "a proxy whose connection broke": (says(503, HTML), Unknown()),
    "in doubt": (says(504, {"code": "in_doubt"}), Unknown()),
    "broken": (says(500), Unknown()),
    "a proxy without an answer": (says(502, HTML, Retry_After="2"), Unknown()),
    "no status of HTTP": (says(999), Unknown()),
    "moved": (says(301, payment(), Location="/elsewhere"), Unknown()),
    "see other": (says(303, payment(), Location="/elsewhere"), Unknown()),
    "not modified": (says(304), Unknown()),
    "gone without an answer": (breaks(), Unknown()),
    "half a head": (breaks(b"HTTP/1.1 201 Cre"), Unknown()),
    "half a body": (breaks(HALF), Unknown()),
    "not HTTP": (breaks(b"220 mail ready\r\n\r\n"), Unknown()),
    "silent": (silent, Unknown()),
    "a byte at a time": (dripping, Unknown()),
    "without end": (endless, Unknown()),
}


@pytest.mark.parametrize("act, outcome", ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_means(act, outcome):
    began = monotonic()
    async with stub(act) as pay, asking(pay.url) as payments:
        assert await outcome_of(payments.request(BOOKING)) == outcome
    assert monotonic() - began < LATE
    charges = [asked for asked in pay.asked if asked.line.startswith("POST")]
    assert len(charges) == 1, "a charge is sent once"
