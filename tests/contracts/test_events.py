"""The event schemas are true: of their examples, of what the simulated services say, and of what the real ones say."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

import adapters.memory.log
from adapters.kafka.dead_letters import letter
from apps.event_schemas import PUBLISHED
from myticket_core.booking.events import Booked
from myticket_core.ports import Parked
from myticket_core.wire import encode
from tests.contracts.provider import Provider
from tests.contracts.written import FOLDER
from tests.domain.examples import NOON, record
from tests.stateful.play import Play

NAMES = {kind.__name__ for kind in PUBLISHED}
STATES = (
    "ticket 1 was changed",
    "ticket 1 was deleted",
    "ticket 1 has no name, no end and no limit",
    "ticket 1 has a seat again",
    "booking 1 was to be paid later and was declined",
    "who waited for ticket 1 gets no seat",
    "booking 1 was canceled",
    "booking 1 expired unpaid",
    "the refund of booking 1 failed",
)


@cache
def asyncapi() -> Any:
    return msgspec.yaml.decode((FOLDER / "asyncapi.yaml").read_bytes())


@cache
def validator(event: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"events/{event}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check(value: Any, headers: Mapping[str, str]) -> str:
    """The type of the event. Raises ValidationError."""
    said = asyncapi()["components"]["messageTraits"]["cloudEvent"]["headers"]
    Draft202012Validator(said, format_checker=FormatChecker()).validate(dict(headers))
    assert headers["ce_type"] == value["eventType"]
    validator(value["eventType"]).validate(value)
    return str(value["eventType"])


@pytest.mark.parametrize("event", sorted(NAMES))
def test_the_examples_are_what_the_schemas_say(event: str) -> None:
    for example in asyncapi()["components"]["messages"][event]["examples"]:
        assert check(example["payload"], example["headers"]) == event
    for value in validator(event).schema["examples"]:
        validator(event).validate(value)


def test_every_reference_of_the_asyncapi_leads_somewhere() -> None:
    references = [node["$ref"] for node in walked(asyncapi()) if isinstance(node, dict) and "$ref" in node]
    assert len(references) > 50
    for reference in references:
        node = asyncapi()
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def walked(node: Any) -> Iterator[Any]:
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walked(child)


def test_a_dead_letter_is_what_the_asyncapi_says() -> None:
    said = asyncapi()["components"]["messages"]["Parked"]["headers"]
    parked = Parked("e1", "alarm", "5", record(Booked(id=5)), "cannot be read", NOON)
    headers = {name: value.decode() for name, value in letter("myticket.dlq", parked).headers}
    Draft202012Validator(said, format_checker=FormatChecker()).validate(headers)
    assert said["required"] == [name for name in headers if name.startswith("dlq_")]


def test_what_the_simulated_services_say_is_what_the_schemas_say(monkeypatch: pytest.MonkeyPatch) -> None:
    said = set()

    def checked(envelope: Any) -> Any:
        value, headers = encode(envelope)
        said.add(check(json.loads(value), headers))
        return value, headers

    monkeypatch.setattr(adapters.memory.log, "encode", checked)
    for seed in range(60):
        if seed < 15 or said != NAMES:  # some things are rarely said
            assert not Play(seed).run().violations
    assert said == NAMES


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    running = Provider("book", tmp_path_factory.mktemp("events"))
    running.start()
    yield running
    running.stop()


def test_what_the_real_services_say_is_what_the_schemas_say(provider: Provider) -> None:
    said = set()
    for state in STATES:
        provider.become(state)
        said |= {check(json.loads(it.value), it.headers) for it in provider.log()}
    assert said == NAMES


@pytest.mark.parametrize(
    "planted",
    [
        {"price": "15000"},
        {"status": "GONE"},
        {"id": 0},
        {"id": None},
        {"timestamp": "2026-11-22T16:09:00Z"},
        {"ticketId": ...},
        {"startDate": 1.5},
    ],
    ids=str,
)
def test_what_is_no_such_event_is_seen(planted: dict[str, Any]) -> None:
    (good,) = validator("BookCanceled").schema["examples"]
    bad = {name: value for name, value in (good | planted).items() if value is not ...}
    with pytest.raises(ValidationError):
        validator("BookCanceled").validate(bad)
