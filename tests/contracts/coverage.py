"""Whether everything that is said and heard has a contract."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from apps.events import CONSUMERS, PUBLISHED
from myticket_core.messages import Event
from myticket_core.reacting import Whenever
from tests.contracts.written import FOLDER


def gaps(
    published: Sequence[type[Event]] = PUBLISHED,
    consumers: Mapping[str, Whenever] = CONSUMERS,
    pacts: Path = FOLDER / "pacts",
) -> list[str]:
    """What is missing, or too much, a line each."""
    heard = {(name, kind.__name__) for name, whenever in consumers.items() for kind in whenever}
    agreed = {pair for file in sorted(pacts.glob("*.json")) for pair in _messages(file)}
    unheard = [kind for kind in published if not any(kind in whenever for whenever in consumers.values())]
    extra = sorted(agreed - heard)
    return [
        *(f"{kind.__name__} is published and no policy reacts to it" for kind in unheard),
        *(f"{name} reacts to {event} without a contract" for name, event in sorted(heard - agreed)),
        *(f"{name} has a contract about {event}, which it does not react to" for name, event in extra),
    ]


def _messages(file: Path) -> list[tuple[str, str]]:
    """(consumer, event) of each message in the pact."""
    pact = json.loads(file.read_text(encoding="utf-8"))
    said = [it["contents"]["content"] for it in pact["interactions"] if it["type"] == "Asynchronous/Messages"]
    return [(pact["consumer"]["name"], value["eventType"]) for value in said]
