"""Events are written exactly and read leniently, ours and the originals' as they were recorded."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from myticket_core.booking.events import BookCanceled, Booked
from myticket_core.errors import Unreadable
from myticket_core.messages import Cause, Envelope, opened
from myticket_core.payment.events import PaymentApproved, PaymentCanceled
from myticket_core.ports import Record
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.wire import decode, encode
from tests.domain.examples import NOON, record

KINDS = {
    kind.__name__: kind
    for kind in (
        *(TicketRegistered, TicketChanged, TicketDeleted),
        *(Booked, BookCanceled, PaymentApproved, PaymentCanceled),
    )
}
IDS = st.integers(1, 2**53 - 1)
NUMBERS = st.one_of(st.none(), st.integers(0, 2**53 - 1))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def envelopes(draw):
    data = {"id": draw(IDS)} | {name: draw(NUMBERS) for name in ("ticketId", "price", "startDate")}
    texts = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=20)
    return Envelope(
        id=draw(texts),
        type=draw(st.sampled_from(list(KINDS))),
        source=draw(st.sampled_from(["ticket", "book", "pay"])),
        key=draw(st.integers(1, 99).map(str)),
        data=data | {"name": draw(TEXTS)},
        time=draw(MOMENTS),
        correlation_id=draw(texts),
        causation_id=draw(st.one_of(st.none(), texts)),
        version=draw(st.one_of(st.none(), st.integers(1, 10**9))),
    )


@given(envelopes(), st.booleans())
def test_what_is_written_is_read_back(envelope, keyed):
    value, headers = encode(envelope)
    assert decode(Record(0, envelope.key if keyed else None, value, headers)) == envelope


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from(["ce_id", "ce_time", "ce_aggregateversion"]), TEXTS))
def test_whatever_lies_in_the_log_is_read_or_unreadable(value, headers):
    with pytest.raises(Unreadable):
        decode(Record(0, None, value, headers))


JSON = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS), st.lists, max_leaves=5)


@given(st.sampled_from(list(KINDS)), st.dictionaries(st.sampled_from("id bookId price status startDate".split()), JSON))
def test_members_of_any_kind_are_read_or_missing(kind, members):
    value = json.dumps({"eventType": kind, "timestamp": 7, **members}).encode()
    try:
        envelope = decode(Record(0, None, value, {}))
    except Unreadable:
        return
    event = opened(envelope, KINDS[kind])
    assert event.id > 0
    assert all(
        getattr(event, name, None) is None or isinstance(getattr(event, name), int) for name in ("price", "book_id")
    )


def test_the_value_is_as_the_originals_write_it():
    value, headers = encode(decode(record(Booked(id=5, version=1, ticket_id=3, status="BOOKED"))))
    members = json.loads(value)
    assert list(members)[:2] == ["eventType", "timestamp"]
    assert members["timestamp"] == "20261122120000"
    assert (members["id"], members["ticketId"], "version" in members) == (5, 3, False)
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": "e1",
        "ce_source": "/book",
        "ce_type": "Booked",
        "ce_subject": "5",
        "ce_time": "2026-11-22T12:00:00Z",
        "content-type": "application/json",
        "ce_correlationid": "case",
        "ce_causationid": "cause",
        "ce_aggregateversion": "1",
    }


@pytest.mark.parametrize(
    "event, key",
    [
        (TicketRegistered(id=1), "1"),
        (Booked(id=5), "5"),
        (PaymentApproved(id=2, book_id=5), "5"),
        (PaymentCanceled(id=2, book_id=5), "5"),
    ],
)
def test_the_key_is_the_ticket_or_the_booking(event, key):
    assert decode(record(event, keyed=False)).key == key


def test_an_event_is_the_cause_of_what_is_done_about_it():
    envelope = decode(record(Booked(id=5)))
    assert envelope.cause("alarm") == Cause(id="e1", correlation_id="case", consumer="alarm", at=NOON)


ORIGINALS = [json.loads(line) for line in (Path(__file__).parent / "data/originals.jsonl").read_text().splitlines()]
UNREADABLE = {89, 101, 108, 109, 110, 111}  # without an eventType, no JSON, nothing at all


def recorded(line) -> Record:
    value = (line["value"] or "").encode()
    return Record(line["offset"], line["key"], value, dict(line["headers"]), line["partition"], line["topic"])


@pytest.mark.parametrize("line", ORIGINALS, ids=[str(line["offset"]) for line in ORIGINALS])
def test_recorded_originals_are_read(line):
    if line["offset"] in UNREADABLE:
        with pytest.raises(Unreadable):
            decode(recorded(line))
        return
    envelope = decode(recorded(line))
    assert envelope.type == json.loads(line["value"])["eventType"]
    assert envelope.data["id"] == int(json.loads(line["value"])["id"])
    assert envelope.time.date() == datetime(2026, 11, 22, tzinfo=UTC).date()
    if envelope.type in KINDS:
        assert opened(envelope, KINDS[envelope.type]).id == envelope.data["id"]


def test_an_original_without_headers_has_ids_all_the_same():
    envelope = decode(recorded(ORIGINALS[1]))
    assert (envelope.id, envelope.key, envelope.correlation_id) == ("myticket-0-2", "1", "1")
    assert (envelope.version, envelope.causation_id, envelope.source) == (None, None, "")
    assert envelope.time == datetime(2026, 11, 22, 16, 8, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    "said, read",
    [
        (7, 7),
        ("7", 7),
        ("2012-04-23T18:25:43.511+0000", 1_335_205_543_511),
        ("2012-04-23T18:25:43.511Z", 1_335_205_543_511),
        ("soon", None),
        ("2012-04-23", None),
        (1.9, None),
        (True, None),
        ([1], None),
        ("-1", None),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        (10**30, None),
        (-(10**30), None),
        ("9" * 19, None),
    ],
)
def test_numbers_and_dates_are_read_as_the_originals_read_them(said, read):
    envelope = decode(record(Booked(id=5)))
    poor = evolve(envelope, data={"id": 5, "startDate": said, "status": said})
    assert opened(poor, Booked).start_date == read
    assert opened(poor, Booked).status == (said if isinstance(said, str) else None)


def test_a_text_that_not_every_store_keeps_is_read_as_python_writes_it():
    """A rebuild goes through the whole log: one event that a store never takes would stop each of them."""
    said = rb'{"eventType":"TicketRegistered","id":1,"name":"a\u0000b\ud800\n\ud83d\ude00"}'
    assert opened(decode(Record(0, "1", said, {})), TicketRegistered).name == "a\\x00b\\ud800\n\U0001f600"


@pytest.mark.parametrize("id", [0, -1, 1.5, True, None, "x", "", "9" * 19, "9" * 30, 2**63])
def test_an_event_of_nothing_is_unreadable(id):
    with pytest.raises(Unreadable):
        decode(Record(0, None, json.dumps({"eventType": "Booked", "id": id}).encode(), {}))


@pytest.mark.parametrize("iso, stamp", [("nonsense", "20261122120000"), (None, "20261122120000")])
def test_the_time_is_read_from_wherever_it_is(iso, stamp):
    value = json.dumps({"eventType": "Booked", "id": 1, "timestamp": stamp}).encode()
    assert decode(Record(0, None, value, {"ce_time": iso} if iso else {})).time == NOON


def test_an_event_without_a_time_is_as_old_as_can_be():
    value = json.dumps({"eventType": "Booked", "id": 1}).encode()
    assert decode(Record(0, None, value, {})).time - timedelta(0) == datetime(1970, 1, 1, tzinfo=UTC)
