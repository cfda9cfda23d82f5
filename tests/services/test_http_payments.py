"""What every way of answering POST /payments, or of not answering, means for a booking: exactly this, and in time."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from attrs import evolve
from structlog.testing import capture_logs

from adapters.oidc import FixedToken
from adapters.rest import client
from adapters.rest.client_payments import HttpPayments
from myticket_core.booking.ports import Approved, Declined, Unknown, Void
from myticket_core.conformance.payments import held
from myticket_core.errors import Rejected, Unavailable
from tests.services.http_stub import (
    breaks,
    dripping,
    endless,
    listed,
    original,
    payment,
    says,
    silent,
    stub,
)

BOOKING = evolve(held(5), correlation_id="case-1")
PATIENCE = timedelta(seconds=0.4)
LATE = 3.0  # seconds: far more than the patience, far less than any timeout of a library
HTML = b"<html><body>Welcome</body></html>"
HALF = b"HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n" + json.dumps(payment()).encode()


@asynccontextmanager
async def asking(url: str, timeout: timedelta = PATIENCE, credential: object = None):
    payments = HttpPayments(url, timeout, credential)
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
    "nested without end": (says(200, b"[" * 60_000), Unknown()),
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


async def test_a_wrong_answer_is_in_the_log_with_its_booking():
    for act in (says(201, payment(price=1)), says(201, HTML), says(500), breaks()):
        async with stub(act) as pay, asking(pay.url) as payments:
            with capture_logs() as lines:
                await payments.request(BOOKING)
        assert [(line["log_level"], line["book_id"]) for line in lines] == [("warning", 5)]


async def test_nobody_there_charges_nothing():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://pay.invalid", "https://127.0.0.1:1"):
        async with asking(url) as payments:
            assert await outcome_of(payments.request(BOOKING)) == later()
            assert await outcome_of(payments.find(BOOKING)) == later()


async def test_what_does_not_accept_charges_nothing():
    """The kernel leaves a connection unanswered when nobody accepts and the queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as first, socket.socket() as second:
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        began = monotonic()
        async with asking(f"http://127.0.0.1:{full.getsockname()[1]}") as payments:
            assert await outcome_of(payments.request(BOOKING)) == later()
        assert PATIENCE.total_seconds() <= monotonic() - began < LATE


async def test_what_is_over_before_it_is_sent_charges_nothing(monkeypatch):
    """Both connections are waited on: a third charge has none to leave by, and the charges before may have happened."""
    monkeypatch.setattr(client, "CONNECTIONS", 2)
    async with stub(silent) as pay, asking(pay.url) as payments:
        outcomes = await asyncio.gather(*(outcome_of(payments.request(BOOKING)) for _ in range(3)))
    assert sorted(outcomes, key=str) == sorted([Unknown(), Unknown(), later()], key=str)
    assert (len(pay.asked), pay.connections) == (2, 2)


async def test_a_broken_connection_is_not_kept_and_a_good_one_is():
    async with stub(says(201, payment()), says(201, payment()), breaks(), says(201, payment())) as pay:
        async with asking(pay.url) as payments:
            outcomes = [await payments.request(BOOKING) for _ in range(4)]
    assert outcomes == [Approved(3), Approved(3), Unknown(), Approved(3)]
    assert pay.connections == 2


async def test_a_redirect_is_not_followed():
    async with stub(says(201, payment())) as elsewhere:
        async with stub(says(307, Location=f"{elsewhere.url}/payments")) as pay, asking(pay.url) as payments:
            with capture_logs() as lines:
                assert await payments.request(BOOKING) == Unknown()
    assert elsewhere.asked == []
    assert "API_URL_PAYMENT" in lines[0]["event"]


async def test_paid_without_a_body_is_looked_up():
    looked = {
        "seen": (listed(original()), Approved(3)),
        "not there": (listed(), Unknown()),
        "of other terms": (listed(payment(price=1)), Unknown()),
        "canceled meanwhile": (listed(payment(status="CANCELED")), Void()),
        "no list": (says(200, HTML), Unknown()),
    }
    for name, (act, outcome) in looked.items():
        async with stub(says(204), act) as pay, asking(pay.url) as payments:
            assert await payments.request(BOOKING) == outcome, name
        assert [asked.line.partition(" ")[0] for asked in pay.asked] == ["POST", "GET"]


async def test_it_asks_as_the_originals_do():
    when = datetime(2012, 4, 23, 18, 25, 43, 511000, UTC)
    booking = evolve(BOOKING, starts=when, ends=when + timedelta(days=4))
    async with stub(says(201, payment())) as pay, asking(pay.url + "/", credential=FixedToken("a.b.c")) as payments:
        await payments.request(booking)
        await payments.request(evolve(booking, method="card", correlation_id="not\r\nfor: a header"))
    first, second = pay.asked
    assert first.line == "POST /payments HTTP/1.1"
    assert first.headers["content-type"] == "application/json;charset=UTF-8"
    assert (first.headers["authorization"], first.headers["x-correlation-id"]) == ("Bearer a.b.c", "case-1")
    assert first.body == (
        b'{"id":null,"bookId":5,"ticketId":1,"price":15000,"companyId":1,"customerId":1,'
        b'"startDate":"2012-04-23T18:25:43.511+0000","endDate":"2012-04-27T18:25:43.511+0000","status":"PayApproved"}'
    )
    assert json.loads(second.body) == json.loads(first.body) | {"paymentMethod": "card"}
    assert "x-correlation-id" not in second.headers


class NoToken:
    async def token(self) -> str:
        raise Unavailable("the provider is down")


class SlowToken:
    async def token(self) -> str:
        return await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("credential", [NoToken(), SlowToken()])
async def test_without_a_token_nothing_is_asked(credential):
    async with stub(says(201, payment())) as pay, asking(pay.url, credential=credential) as payments:
        with capture_logs() as lines:
            for _ in range(2):
                assert await outcome_of(payments.request(BOOKING)) == later()
            assert await outcome_of(payments.find(BOOKING)) == later()
    assert (pay.asked, pay.connections) == ([], 0)
    assert len(lines) == 1
    assert "OIDC_CLIENT_ID" in lines[0]["event"]


async def test_what_is_wrong_with_the_settings_is_said_once_until_it_was_right():
    for status, setting in ((401, "OIDC_CLIENT_SECRET"), (403, "OIDC_CLIENT_ID"), (404, "API_URL_PAYMENT")):
        async with stub(says(status), says(status), says(201, payment()), says(status)) as pay:
            async with asking(pay.url) as payments:
                with capture_logs() as lines:
                    for _ in range(4):
                        await outcome_of(payments.request(BOOKING))
        assert [line["log_level"] for line in lines] == ["error", "error"]
        assert all(setting in line["event"] for line in lines)
