"""Whether everything that is said and heard has a contract."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from apps.event_schemas import CONSUMERS, PUBLISHED
from myticket_core.messages import Event
from myticket_core.reacting import Whenever
from tests.contracts.written import FOLDER


def gaps(
    published: Sequence[type[Event]] = PUBLISHED,
    consumers: Mapping[str, Whenever] = CONSUMERS,
    pacts: Path = FOLDER / "pacts",
) -> list[str]:
    """What is missing, or too much, a line each. Consumers elsewhere have pacts and no policies here."""
    heard = {(name, kind.__name__) for name, whenever in consumers.items() for kind in whenever}
    agreed = {pair for file in sorted(pacts.rglob("*.json")) for pair in _messages(file)}
    listed = {event for _, event in heard | agreed}
    unheard = [kind for kind in published if kind.__name__ not in listed]
    extra = sorted((name, event) for name, event in agreed - heard if name in consumers)
    return [
        *(f"{kind.__name__} is published and has no consumer" for kind in unheard),
        *(f"{name} reacts to {event} without a contract" for name, event in sorted(heard - agreed)),
        *(f"{name} has a contract about {event}, which it does not react to" for name, event in extra),
    ]


def _messages(file: Path) -> list[tuple[str, str]]:
    """(consumer, event) of each message in the pact."""
    pact = json.loads(file.read_text(encoding="utf-8"))
    said = [it["contents"]["content"] for it in pact["interactions"] if it["type"] == "Asynchronous/Messages"]
    return [(pact["consumer"]["name"], value["eventType"]) for value in said]
