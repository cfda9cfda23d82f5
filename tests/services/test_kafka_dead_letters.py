"""Copies of what was parked lie in a topic of their own; the parking is what counts."""

import asyncio
from datetime import UTC, datetime

from adapters.kafka import create_topics, dead_letters
from adapters.memory import MemoryDatabase, MemoryParking
from adapters.system import RandomIds, SystemClock
from apps.telling import TellingParking
from myticket_core.conformance.parking import parked
from myticket_core.conformance.parking_handled import HandledParkingConformance
from myticket_core.messages import Cause
from myticket_core.ports import Parked, Record
from tests.case import Case
from tests.services.kafka_world import Stopwatch, lies, opened
from tests.until import until

AT = datetime(2026, 11, 22, tzinfo=UTC)


def parking_of(database=None):
    return MemoryParking(database or MemoryDatabase(SystemClock(), RandomIds()))


class TestTellingParking(HandledParkingConformance, Case):
    durable = shared = True

    async def new(self):
        self.database = MemoryDatabase(SystemClock(), RandomIds())
        return TellingParking(parking_of(self.database))

    async def reopen(self, under):
        return TellingParking(parking_of(self.database))

    beside = reopen

    async def handle(self, under, said, consumer):
        self.database.commit(said.cause(consumer), ())


async def test_a_copy_has_the_record_and_why_it_was_parked(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    record = Record(7, None, b"\xffno json", {"ce_id": "e1", "이름": "값"}, partition=3, topic=kafka_topic)
    async with opened(kafka, kafka_topic) as log:
        parking = TellingParking(parking_of(), log.dead_letters().copy)
        await parking.park(Parked("e1", "alarm", None, record, "not JSON: 왜", AT))
        await parking.park(parked("e2"))
    first, second = await lies(kafka, f"{kafka_topic}.dlq")
    assert (first.key, first.value) == (None, b"\xffno json")
    assert {name: text.decode() for name, text in first.headers} == {
        "ce_id": "e1",
        "이름": "값",
        "dlq_id": "e1",
        "dlq_consumer": "alarm",
        "dlq_reason": "not JSON: 왜",
        "dlq_at": "2026-11-22T00:00:00+00:00",
        "dlq_topic": kafka_topic,
        "dlq_partition": "3",
        "dlq_offset": "7",
    }
    assert second.key == b"k"


async def test_without_the_topic_it_is_parked_all_the_same_at_once_and_logged(kafka, kafka_topic, caplog):
    kept = parking_of()
    async with opened(kafka, kafka_topic) as log:
        parking = TellingParking(kept, log.dead_letters().copy)
        with Stopwatch() as watch:
            for number in range(100):
                await parking.park(parked(f"e{number}"))
        assert watch.seconds < 0.5
        await until(lambda: "dead letter e99 of book not copied" in caplog.text)
    assert len(await kept.parked("book")) == 100


async def test_what_was_handled_is_not_parked_and_not_copied():
    database, copies = MemoryDatabase(SystemClock(), RandomIds()), []
    database.commit(Cause("e1", "c", consumer="book"), ())
    parking = TellingParking(parking_of(database), copies.append)
    for id in ("e1", "e2"):
        await parking.park(parked(id))
    assert copies == [parked("e2")]


async def test_what_cannot_be_parked_is_not_copied():
    class Full:
        async def park(self, parked):
            raise OSError("as arranged")

    copies = []
    outcome = await asyncio.gather(TellingParking(Full(), copies.append).park(parked("e1")), return_exceptions=True)
    assert isinstance(outcome[0], OSError)
    assert copies == []


async def test_copies_do_not_fill_the_memory(monkeypatch, caplog):
    class Away:
        def __init__(self):
            self.jobs = []

        def waiting(self):
            return len(self.jobs)

        def put(self, messages):
            self.jobs.append(messages)
            return asyncio.get_running_loop().create_future()

    monkeypatch.setattr(dead_letters, "MOST", 3)
    letters = dead_letters.KafkaDeadLetters(away := Away(), "t.dlq")
    for number in range(4):
        letters.copy(parked(f"e{number}"))
    assert len(away.jobs) == 3
    assert "dead letter e3 of book not copied" in caplog.text
