"""What ours put on the log, as far as the originals read it: their members in their types, headers they can take."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from myticket_core.messages import Envelope
from myticket_core.wire import encode
from tests.services.originals.records import JAVA, members, recorded
from tests.services.originals.shape import in_json
from tests.services.rest_world import World

RECORDED = recorded()
TAKEN = RECORDED[80]
"""Ours, tried on the originals: my page and alarm took it (08-compat.txt)."""
JAVAS = {members(it)["eventType"]: members(it) for it in RECORDED.values() if it.headers == JAVA and it.position < 78}


class Told:
    """Hears everything that is said."""

    def __init__(self) -> None:
        self.heard = list[Envelope]()

    async def handle(self, envelope: Envelope) -> None:
        self.heard.append(envelope)


@pytest.fixture
async def published() -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Value and headers of everything that a ticket, two bookings, a cancel and a deletion make ours say."""
    world, told = World(), Told()
    consumers = world.consumers()
    world.consumers = lambda: [*consumers, told]  # type: ignore[assignment, list-item]
    id = await world.ticket(name="예매 🎫", capacity=2, startDate="2027-01-23", endDate="2027-01-27")
    for _ in range(2):
        await world.ask("customer 1", "POST", "/books", {"ticketId": id, "startDate": "2027-01-23"})
    await world.settle()
    await world.ask("organizer 1", "PATCH", f"/tickets/{id}", {"price": 16000})
    await world.ask("customer 1", "DELETE", "/books/1")
    await world.settle()
    await world.ask("organizer 1", "DELETE", f"/tickets/{id}")
    await world.settle()
    found = [encode(envelope) for envelope in told.heard]
    return [(json.loads(value), headers) for value, headers in found]


async def test_all_that_the_originals_say_is_said(published: Any) -> None:
    types = {value["eventType"] for value, _ in published}
    assert types == JAVAS.keys() | {"TicketChanged", "SoldOut", "BackOnSale"}  # types they do not know they leave alone
    assert len(JAVAS) == 6


async def test_each_has_the_members_that_the_originals_write_in_the_same_types(published: Any) -> None:
    """But `me`, which is read by nobody: it was missing in the record that they took."""
    assert "me" not in members(TAKEN)
    for value, _ in published:
        theirs = {name: said for name, said in JAVAS.get(value["eventType"], {}).items() if name != "me"}
        assert list(in_json("", theirs, value)) == []
        assert re.fullmatch(r"\d{14}", value["timestamp"])


async def test_no_event_is_without_a_type_and_no_number_too_large_for_java(published: Any) -> None:
    for value, _ in published:
        assert value["eventType"]
        assert all(abs(it) <= 2**53 - 1 for it in value.values() if isinstance(it, int))


async def test_an_id_is_the_aggregates_own(published: Any) -> None:
    ids = {(value["eventType"], value["id"]) for value, _ in published}
    assert {("BookCanceled", 1), ("BookCanceled", 2), ("PaymentCanceled", 1), ("TicketDeleted", 1)} <= ids
    assert {value["bookId"] for value, _ in published if value["eventType"] == "PaymentCanceled"} == {1, 2}


async def test_headers_are_those_that_the_originals_took(published: Any) -> None:
    """A `contentType` without its `spring_json_header_types` made every original drop the event."""
    for _, headers in published:
        assert headers.keys() <= TAKEN.headers.keys()
        assert headers["content-type"] == TAKEN.headers["content-type"]
        assert not headers.keys() & JAVA.keys()


def test_what_the_originals_dropped_had_just_that_header() -> None:
    assert {offset: set(RECORDED[offset].headers) for offset in (81, 84)} == {81: {"contentType"}, 84: {"contentType"}}
