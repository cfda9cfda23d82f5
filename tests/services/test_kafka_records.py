"""Whatever others write into the topic is read, and none of it stops a reader."""

from collections import namedtuple
from datetime import UTC, datetime

import pytest
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatch

from adapters.kafka import create_topics, lenient
from adapters.kafka.records import record
from myticket_core.errors import Unreadable
from myticket_core.wire import decode
from tests.services.kafka_world import none_of, opened, take, wrote
from tests.until import until

Found = namedtuple("Found", "topic partition offset key value headers timestamp")


def found(key=b"7", value=b"{}", headers=(), timestamp=-1):
    return Found("myticket", 2, 9, key, value, list(headers), timestamp)


class BadName(str):
    """The name of a header that is no UTF-8."""

    def encode(self, *_):
        return b"na\xffme\xc3("


def test_position_partition_and_topic_are_kafkas():
    read = record(found())
    assert (read.position, read.partition, read.topic) == (9, 2, "myticket")


def test_no_key_and_no_value_are_read_and_cannot_be_understood():
    read = record(found(key=None, value=None))
    assert (read.key, read.value) == (None, b"")
    with pytest.raises(Unreadable):
        decode(read)


@pytest.mark.parametrize(
    "raw, text",
    [
        ("예매".encode(), "예매"),
        (b"", ""),
        (b"\xff\xfe7", "\\xff\\xfe7"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
        (b"a\0b", "a\\x00b"),
    ],
)
def test_keys_and_headers_become_text_that_every_store_keeps(raw, text):
    read = record(found(key=raw, headers=[("ce_id", raw)]))
    assert (read.key, read.headers) == (text, {"ce_id": text})


def test_headers_without_value_and_repeated_ones():
    headers = [("a\0", None), ("b", b"1"), ("b", b"2")]
    assert record(found(headers=headers)).headers == {"a\\x00": "", "b": "2"}


def test_a_record_of_the_originals_is_understood():
    headers = [
        ("contentType", b'"application/json"'),
        ("spring_json_header_types", b'{"contentType":"java.lang.String"}'),
    ]
    read = record(found(None, b'{"eventType":"Booked","timestamp":"20261122160851","id":2,"status":"Booked"}', headers))
    assert read.headers["contentType"] == '"application/json"'
    event = decode(read)
    assert (event.type, event.id, event.key) == ("Booked", "myticket-2-9", "2")


AT = datetime(2026, 12, 27, 16, 8, 51, 731000, UTC)
IN_SEOUL = b'{"eventType":"Booked","timestamp":"20271228010851","id":2}'
"""As a JVM in Seoul stamps it: nine hours on, and YYYY is the year of the week."""


def test_when_an_original_said_it_is_told_by_kafka_and_not_by_its_stamp():
    millis = int(AT.timestamp() * 1000)
    assert decode(record(found(None, IN_SEOUL, timestamp=millis))).time == AT
    headers = [("ce_time", b"2026-11-22T16:08:51Z")]
    assert decode(record(found(None, IN_SEOUL, headers, millis))).time == datetime(2026, 11, 22, 16, 8, 51, tzinfo=UTC)


@pytest.mark.parametrize("timestamp", [None, -1, 0, 2**63 - 1])
def test_where_kafka_has_no_time_the_stamp_counts(timestamp):
    read = record(found(None, IN_SEOUL, timestamp=timestamp))
    assert decode(read).time == datetime(2027, 12, 28, 1, 8, 51, tzinfo=UTC)


async def test_a_header_whose_name_is_no_utf8_stops_nobody(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    bad = {"key": b"1", "value": b"na\xffme\xc3(", "headers": [("before", b"na\xffme\xc3("), (BadName("x"), b"there")]}
    wrote(kafka, kafka_topic, bad, {"key": b"1", "value": b"good"})
    async with opened(kafka, kafka_topic) as log:
        first, second = await take(log.reader("g"), 2)
    assert first.headers["na?me?("] == "there"
    assert first.value == b"na\xffme\xc3("
    assert second.value == b"good"


async def test_without_that_it_would(kafka, kafka_topic, monkeypatch):
    """When this fails, kafka-python has learnt it, and adapters/kafka/lenient.py can go."""
    monkeypatch.setattr(lenient, "install", lambda: None)
    monkeypatch.setattr(memory_records, "DefaultRecordBatch", DefaultRecordBatch)
    await create_topics(kafka, kafka_topic, 1, 1)
    wrote(kafka, kafka_topic, {"value": b"{}", "headers": [(BadName("x"), b"")]})
    async with opened(kafka, kafka_topic) as log:
        reader = log.reader("g")
        assert await none_of(reader, 2) == []
        await until(log.trouble)
        assert "record" in log.trouble()
