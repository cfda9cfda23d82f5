"""The edge of book to pay, on sockets: when pay is hung, failing or gone nobody waits for it, and few try it again."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from datetime import timedelta

import pytest
from attrs import evolve
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from adapters.rest.breaker import State
from adapters.rest.client_answer import Answer, NoAnswer
from adapters.rest.edge import CREDIT, Edge, NotAsked
from adapters.rest.edge_figures import EdgeFigures
from myticket_core.booking.ports import Approved, Unknown
from myticket_core.errors import Unavailable
from tests.services.http_stub import listed, payment, says, silent, stub
from tests.services.test_http_payments import BOOKING, HALF, REFUSED, asking

CLOSED, OPEN, HALF_OPEN = State


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def many(payments, times: int) -> Counter[str]:
    """What became of so many bookings at once."""

    async def one() -> str:
        try:
            return type(await payments.request(BOOKING)).__name__
        except Unavailable:
            return "later"

    return Counter(await asyncio.gather(*(one() for _ in range(times))))


def on(time: Time, payments) -> None:
    payments.charges.breaker.clock = time


@pytest.mark.parametrize(
    "act", [says(500), says(503, Retry_After="1"), says(429), silent], ids=["500", "503", "429", "silent"]
)
async def test_what_does_not_answer_well_is_left_alone(act):
    async with stub(act) as pay, asking(pay.url) as payments:
        on(Time(), payments)  # however long the machine takes, it is not tried again
        first = await many(payments, 30)
        sent = len(pay.asked)
        assert sent < 30
        assert payments.charges.breaker.state is OPEN
        assert (await many(payments, 200), len(pay.asked)) == ({"later": 200}, sent)
        assert first["Approved"] == first["Declined"] == 0
        assert payments.looks.breaker.state is CLOSED


@pytest.mark.parametrize(
    ("act", "why"), [(says(500), "answers 500"), (silent, "did not answer in time"), (None, "Connect call failed")]
)
async def test_when_it_opens_the_log_says_why(act, why):
    """Who asks is told to pay later, and nobody else says what it is that does not work."""
    async with stub(act or says(201, payment())) as pay:
        url = pay.url
        if act:
            lines = await _opened(url)
    if not act:
        lines = await _opened(url)
    assert [(line["to"], why in line["why"]) for line in lines if line["after"] is OPEN] == [("charge", True)], lines


async def _opened(url: str):
    async with asking(url) as payments:
        with capture_logs() as lines:
            while payments.charges.breaker.state is CLOSED:
                await many(payments, 5)
    return [line for line in lines if line["event"] == "circuit"]


async def test_those_that_hang_open_it_before_they_end():
    arrived = asyncio.Semaphore(0)

    async def hung(reader, writer):
        arrived.release()
        await silent(reader, writer)

    async with stub(hung) as pay, asking(pay.url, timedelta(seconds=60)) as payments:
        time = Time()
        on(time, payments)
        hanging = [asyncio.create_task(payments.request(BOOKING)) for _ in range(8)]
        async with asyncio.timeout(10):
            for _ in hanging:
                await arrived.acquire()
        time.now += 30.0
        with capture_logs() as lines:
            assert await many(payments, 100) == {"later": 100}
        assert [line["why"] for line in lines if line["event"] == "circuit"] == ["slower than 30 s"]
        time.now += 10.0
        payments.charges.places.patience = 60.0
        trying = [asyncio.create_task(payments.request(BOOKING)) for _ in range(200)]
        refused, probes = await asyncio.wait(trying, timeout=5)
        assert (len(refused), len(probes), len(pay.asked)) == (197, 3, 11), "nobody waits for a place that hangs"
        assert not any(each.done() for each in hanging)
        for each in (*hanging, *probes):
            each.cancel()
        await asyncio.gather(*hanging, *trying, return_exceptions=True)
        assert payments.charges.places.inside == 0


async def test_of_two_hundred_three_try_it_again_and_it_closes_behind_them():
    async with stub(*[says(500)] * 5, says(201, payment())) as pay, asking(pay.url) as payments:
        time = Time()
        on(time, payments)
        with capture_logs() as lines:
            while payments.charges.breaker.state is CLOSED:
                await payments.request(BOOKING)
            assert len(pay.asked) == 5
            time.now += 10.0
            assert await many(payments, 200) == {"Approved": 3, "later": 197}
            assert payments.charges.breaker.state is CLOSED
            assert await many(payments, 5) == {"Approved": 5}
        assert len(pay.asked) == 5 + 3 + 5
    changes = [(line["before"], line["after"]) for line in lines if line["event"] == "circuit"]
    assert changes == [(CLOSED, OPEN), (OPEN, HALF_OPEN), (HALF_OPEN, CLOSED)]
    assert +payments.charges.counts == {"good": 8, "bad": 5, "probe": 3, "open": 197}


async def test_a_refusal_is_a_good_answer():
    acts = (says(402, REFUSED), says(409, {"code": "void"}), says(400), says(401), says(404))
    async with stub(*acts * 10) as pay, asking(pay.url) as payments:
        for _ in range(50):
            try:
                await payments.request(BOOKING)
            except Unavailable:
                continue
        assert len(pay.asked) == 50
        assert +payments.charges.counts == {"good": 50}


async def test_looking_says_nothing_of_charging_nor_the_other_way_round():
    async with stub(says(503, Retry_After="1")) as pay, asking(pay.url) as payments:
        for _ in range(10):
            with pytest.raises(Unavailable):
                await payments.find(BOOKING)
        assert (payments.looks.breaker.state, payments.charges.breaker.state) == (OPEN, CLOSED)
    async with stub(*[says(500)] * 5, listed(payment())) as pay, asking(pay.url) as payments:
        await many(payments, 5)
        assert await payments.find(BOOKING) == Approved(3)


async def test_what_may_have_been_charged_is_not_sent_again():
    for act in (says(500), says(503), silent, says(201, HALF)):
        async with stub(act) as pay, asking(pay.url) as payments:
            assert await payments.request(BOOKING) == Unknown()
            assert (len(pay.asked), payments.charges.counts["retry"]) == (1, 0)


async def test_nobody_there_is_tried_twice_as_long_as_there_is_credit():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with asking(f"http://127.0.0.1:{port}") as payments:
        assert await many(payments, 1) == {"later": 1}
        assert +payments.charges.counts == {"bad": 2, "retry": 1}
        await many(payments, 100)
        assert payments.charges.counts["retry"] <= 1 + 4, "it is open then"


def passing_on(answers: list[Answer | NoAnswer]):
    asked: list[int] = []

    async def question() -> Answer:
        asked.append(len(asked))
        came = answers[len(asked) % len(answers)]
        if isinstance(came, NoAnswer):
            raise came
        return came

    return question, asked


async def test_retries_are_a_tenth_of_the_questions():
    """Every third one gets no connection: the circuit stays closed, and without a budget each would be asked again."""
    good, gone = Answer(200, {}, b""), NoAnswer("gone", sent=False)
    edge = Edge("pay", 1.0, 64, lambda came: isinstance(came, NoAnswer) and not came.sent)
    question, asked = passing_on([good, good, gone])
    for _ in range(300):
        try:
            await edge.ask(question)
        except NoAnswer:
            continue
    retries = len(asked) - 300
    assert retries == edge.counts["retry"]
    assert 25 <= retries <= 300 * 0.1 + CREDIT


async def test_nothing_is_retried_once_it_is_open():
    gone = NoAnswer("gone", sent=False)
    edge = Edge("pay", 1.0, 64, lambda came: True)
    edge.breaker.thresholds = evolve(edge.breaker.thresholds, least=1)
    question, asked = passing_on([gone])
    with pytest.raises(NoAnswer):
        await edge.ask(question)
    for _ in range(10):
        with pytest.raises(NotAsked):
            await edge.ask(question)
    assert (len(asked), edge.counts["retry"]) == (1, 0)


async def test_it_shows_at_metrics():
    async with stub(says(500)) as pay, asking(pay.url) as payments:
        await many(payments, 5)
        await many(payments, 7)
        registry = CollectorRegistry()
        registry.register(EdgeFigures((payments.charges, payments.looks)))

    def figure(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"myticket_{name}", labels)

    assert figure("circuit_state", edge="charge", state="open") == 1
    assert figure("circuit_state", edge="charge", state="closed") == 0
    assert figure("circuit_state", edge="look", state="closed") == 1
    assert figure("circuit_changes_total", edge="charge", state="open") == 1
    assert figure("edge_questions_total", edge="charge", outcome="bad") == 5
    assert figure("edge_questions_total", edge="charge", outcome="open") == 7
    assert (figure("edge_places", edge="charge"), figure("edge_inside", edge="charge")) == (8, 0)
