"""Under load the broker gathers what many tell; after a quiet while nothing is held up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from kafka.consumer.fetcher import Fetcher

from adapters.kafka import KafkaLog, create_topics
from adapters.kafka.gathering import AT_ONCE, BATCH, BEHIND, Gathering
from adapters.kafka.publisher import KafkaPublisher
from myticket_core.conformance.log_store import envelope, ids
from tests.services.kafka_world import opened
from tests.until import until

LONGEST = 0.2
GROUPS = 100


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def heard(records: int, seconds: int = 5) -> tuple[Gathering, Clock]:
    """So many a second, in twenty answers."""
    clock = Clock()
    gathering = Gathering(LONGEST, clock)
    for _ in range(20 * seconds):
        clock.now += 1 / 20
        gathering.came(records // 20)
    return gathering, clock


def test_the_first_record_after_a_quiet_while_is_answered_at_once():
    assert Gathering(LONGEST).terms() == AT_ONCE
    gathering, clock = heard(1000)
    clock.now += 3600
    gathering.came(1)
    assert gathering.terms() == AT_ONCE


@pytest.mark.parametrize(
    "records, turn", [(20, 0), (60, LONGEST / 8), (220, LONGEST / 2), (450, LONGEST), (9000, LONGEST)]
)
def test_the_more_records_a_second_the_longer_they_gather_within_bounds(records: int, turn: float):
    gathering, clock = heard(records)
    clock.now = 200 + BEHIND + 0.001
    assert gathering.terms() == ((BATCH, round(1000 * turn) - 1) if turn else AT_ONCE)


def test_all_end_at_the_same_moments_behind_those_who_tell():
    gathering, clock = heard(1000)
    for clock.now in (200 + BEHIND + 0.01, 200 + BEHIND + 0.1, 200 + BEHIND + 0.149):
        _, wait = gathering.terms()
        assert clock.now + wait / 1000 == pytest.approx(200 + BEHIND + LONGEST, abs=0.001)


def test_what_was_answered_early_is_not_followed_by_one_more_answer_in_the_same_moment():
    gathering, clock = heard(1000)
    clock.now = 200 + BEHIND - 0.002
    assert gathering.terms() == (BATCH, round(1000 * LONGEST) + 2)


async def test_a_broker_answers_now_and_then_while_much_comes(kafka, kafka_topic, monkeypatch):
    await create_topics(kafka, kafka_topic, 3, 1)
    answers, handle = [], Fetcher._handle_fetch_response
    monkeypatch.setattr(Fetcher, "_handle_fetch_response", lambda *given: (answers.append(given), handle(*given))[1])
    found: list[str] = []
    async with opened(kafka, kafka_topic) as log:
        reading, publisher = asyncio.create_task(_read(log, found)), log.publisher()
        sent = await _told(publisher, GROUPS)
        await until(lambda: len(found) == len(sent))
        before = len(answers)
        sent += await _told(publisher, GROUPS)
        await until(lambda: len(found) == len(sent))
        reading.cancel()
    assert sorted(found) == sorted(sent)
    assert len(answers) - before < GROUPS / 4, "nothing was gathered"


async def _told(publisher: KafkaPublisher, groups: int) -> list[str]:
    """One group after the other; the ids of all."""
    sent = [[envelope(str(number)) for number in range(20)] for _ in range(groups)]
    for group in sent:
        await publisher.publish(group)
    return [it.id for group in sent for it in group]


async def _read(log: KafkaLog, found: list[str]) -> None:
    reader = log.reader("g")
    while True:
        records = await reader.read(200, timedelta(seconds=1))
        found += ids(records)
        await reader.commit(records)
