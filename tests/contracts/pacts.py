"""Pacts as files: each interaction made alone by the consumer's test, put together in one order always.

Alone, because interactions of one mock server take each other's requests, and messages beside requests in one pact
crash it (pact-python 4.2).
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pact import Pact, match

from apps import event_schemas
from myticket_core.messages import Event
from myticket_core.ports import Record
from tests.contracts.written import pretty

SPECIFICATION = {"pactSpecification": {"version": "4.0"}}
DATE = match.regex("2026-12-24T10:00:00.000+0000", regex=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$")


class Pacts:
    """What consumers have said so far."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], list[Any]] = defaultdict(list)

    def hears(self, consumer: str, kind: type[Event], state: str, *members: str, why: str = "", **exact: Any) -> Record:
        """The event as the contract has it: `members` of any value of their type, `exact` ones of just this."""
        name = f"{kind.__name__} {why}".strip()
        pact = Pact(consumer, kind.SOURCE).with_specification("V4")
        message = pact.upon_receiving(name, "Async").given(state)
        message.with_body(_body(kind, members, exact), "application/json").with_metadata(_headers(kind))
        heard: list[Record] = []
        pact.verify(lambda value, headers: heard.append(_record(value, headers)), "Async")
        self._keep(pact)
        return heard[0]

    @contextmanager
    def asks(self, consumer: str, provider: str, name: str, *states: str) -> Iterator[Any]:
        """Say the request and the answer; `.served()` of it is the URL while the consumer's own code asks."""
        pact = Pact(consumer, provider).with_specification("V4")
        interaction = pact.upon_receiving(name, "HTTP")
        for state in states:
            interaction.given(state)
        yield Asked(pact, interaction)
        self._keep(pact)

    def texts(self) -> dict[str, str]:
        """Path under contracts/ → the text of the pact."""
        return {
            f"pacts/{consumer}-{provider}.json": pretty(_document(consumer, provider, said))
            for (consumer, provider), said in self._said.items()
        }

    def _keep(self, pact: Pact) -> None:
        with TemporaryDirectory() as folder:
            pact.write_file(folder)
            (file,) = Path(folder).glob("*.json")
            self._said[pact.consumer, pact.provider] += json.loads(file.read_text(encoding="utf-8"))["interactions"]


class Asked:
    def __init__(self, pact: Pact, interaction: Any) -> None:
        self._pact, self.says = pact, interaction

    @contextmanager
    def served(self) -> Iterator[str]:
        """Raises when the consumer asks anything else, or does not ask."""
        with self._pact.serve() as server:
            yield str(server.url).rstrip("/")


def _document(consumer: str, provider: str, said: list[Any]) -> dict[str, Any]:
    """Without the versions of the tools, which say nothing of the contract."""
    said = sorted(said, key=lambda it: (it["type"], it["description"]))
    return {"consumer": {"name": consumer}, "provider": {"name": provider}, "interactions": said} | {
        "metadata": SPECIFICATION
    }


def _body(kind: type[Event], members: tuple[str, ...], exact: dict[str, Any]) -> dict[str, Any]:
    example = event_schemas.example(kind)[0]
    for name in (*members, *exact):
        assert name in example, f"{kind.__name__} has no {name}"
    return {"eventType": kind.__name__} | {name: _like(example[name]) for name in members} | exact


def _like(value: Any) -> Any:
    return match.int(value) if isinstance(value, int) else match.str(value)


def _headers(kind: type[Event]) -> dict[str, Any]:
    """Those that every consumer reads; content-type because nothing else is JSON."""
    matters = {
        "ce_id": ".+",
        "ce_subject": "^[0-9]+$",
        "ce_time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
        "ce_correlationid": ".+",
        "ce_aggregateversion": "^[0-9]+$",
    }
    example = event_schemas.example(kind)[1]
    exact = {name: example[name] for name in ("ce_type", "ce_source", "content-type")}
    return exact | {name: match.regex(example[name], regex=regex) for name, regex in matters.items()}


def _record(value: Any, headers: dict[str, Any]) -> Record:
    """As it would lie in the log; `contentType` is an addition of pact's own."""
    texts = {name: str(text) for name, text in headers.items() if name != "contentType"}
    return Record(0, texts["ce_subject"], str(value).encode(), texts)
