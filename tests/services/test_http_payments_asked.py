"""How booking asks for a charge over HTTP: once, on good connections, let in, and telling what is wrong."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from attrs import evolve
from structlog.testing import capture_logs

from myticket_core.booking.ports import Approved, Unknown, Void
from myticket_core.errors import Unavailable
from tests.services.fixed_token import FixedToken
from tests.services.http_stub import breaks, listed, original, payment, says, silent, stub
from tests.services.test_http_payments import BOOKING, HTML, LATE, PATIENCE, asking, later, outcome_of


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


async def test_what_finds_no_free_place_was_not_sent():
    arrived = asyncio.Semaphore(0)

    async def hung(reader, writer):
        arrived.release()
        await silent(reader, writer)

    async with stub(hung) as pay, asking(pay.url, timedelta(seconds=60), at_once=2) as payments:
        charges = [asyncio.create_task(payments.request(BOOKING)) for _ in range(2)]
        async with asyncio.timeout(10):
            await arrived.acquire()
            await arrived.acquire()
        with pytest.raises(Unavailable, match="too many wait"):
            await payments.request(BOOKING)
        for charge in charges:
            charge.cancel()
        await asyncio.gather(*charges, return_exceptions=True)
        assert payments.charges.places.inside == 0
    assert (len(pay.asked), pay.connections) == (2, 2)


async def test_a_broken_connection_is_not_kept_and_a_good_one_is():
    acts = (says(201, payment()), says(201, payment()), breaks(), says(201, payment()))
    async with stub(*acts) as pay, asking(pay.url) as payments:
        outcomes = [await payments.request(BOOKING) for _ in range(4)]
    assert outcomes == [Approved(3), Approved(3), Unknown(), Approved(3)]
    assert pay.connections == 2


async def test_a_redirect_is_not_followed():
    async with (
        stub(says(201, payment())) as elsewhere,
        stub(says(307, Location=f"{elsewhere.url}/payments")) as pay,
        asking(pay.url) as payments,
    ):
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
    assert 0 < int(first.headers["x-request-timeout-ms"]) <= PATIENCE.total_seconds() * 1000
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
        acts = (says(status), says(status), says(201, payment()), says(status))
        async with stub(*acts) as pay, asking(pay.url) as payments:
            with capture_logs() as lines:
                for _ in range(4):
                    await outcome_of(payments.request(BOOKING))
        assert [line["log_level"] for line in lines] == ["error", "error"]
        assert all(setting in line["event"] for line in lines)
