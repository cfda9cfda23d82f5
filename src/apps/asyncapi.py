"""`myticket asyncapi`: the log as AsyncAPI 3.0, its events as JSON Schemas, and who says and hears what."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from apps.event_schemas import CONSUMERS, PUBLISHED, consumers, example, schema
from myticket_core.messages import Event

_TEXT: Final = {"type": "string"}
_HEADERS: Final[dict[str, Any]] = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {"description": "The event's id: consumers handle it once"} | _TEXT,
    "ce_source": {"description": "/ and the service that says it"} | _TEXT,
    "ce_type": {"description": "As eventType in the value"} | _TEXT,
    "ce_subject": {"description": "What the order is kept for, as the record's key"} | _TEXT,
    "ce_time": {"type": "string", "format": "date-time"},
    "content-type": {"const": "application/json"},
    "ce_correlationid": {"description": "The same from the first request to the last notification"} | _TEXT,
    "ce_causationid": {"description": "The event or request that caused it"} | _TEXT,
    "ce_aggregateversion": {
        "type": "string",
        "pattern": "^[0-9]+$",
        "description": "1, 2, 3 … of what is told of one aggregate",
    },
}
HEADERS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "CloudEvents 1.0 in binary mode. An event of the originals has none of them and is read too.",
    "required": [name for name in _HEADERS if name not in ("ce_causationid", "ce_aggregateversion")],
    "properties": _HEADERS,
}
PARKED: Final[dict[str, Any]] = {
    "name": "Parked",
    "summary": "A record that a consumer could not handle, as it lay in the log: its value and headers are kept.",
    "headers": {
        "type": "object",
        "required": ["dlq_id", "dlq_consumer", "dlq_reason", "dlq_at", "dlq_topic", "dlq_partition", "dlq_offset"],
        "properties": {
            "dlq_id": {"description": "The event's id"} | _TEXT,
            "dlq_consumer": {"enum": list(CONSUMERS)},
            "dlq_reason": _TEXT,
            "dlq_at": {"type": "string", "format": "date-time"},
            "dlq_topic": _TEXT,
            "dlq_partition": {"type": "string", "pattern": "^[0-9]+$"},
            "dlq_offset": {"type": "string", "pattern": "^[0-9]+$"},
        },
    },
}
_LOG: Final = "#/channels/myticket"
_DEAD: Final = "#/channels/myticket.dlq"


def document() -> str:
    """AsyncAPI 3.0, in YAML."""
    names = [kind.__name__ for kind in PUBLISHED]
    channels = {
        "myticket": _channel("myticket", "Everything that happens; the record's key keeps the order.", names),
        "myticket.dlq": _channel(
            "myticket.dlq", "Copies of what is parked; `myticket dlq` is the way back.", ["Parked"]
        ),
    }
    said = {
        "asyncapi": "3.0.0",
        "info": {"title": "myticket", "version": "1", "description": "Tickets: offered, booked, paid, told of."},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": _operations(),
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in PUBLISHED} | {"Parked": PARKED},
            "schemas": {kind.__name__: _embedded(kind) for kind in PUBLISHED},
            "messageTraits": {"cloudEvent": {"headers": HEADERS}},
        },
    }
    return msgspec.yaml.encode(said).decode()


def _channel(address: str, about: str, names: list[str]) -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {"address": address, "description": about, "messages": messages}


def _message(kind: type[Event]) -> dict[str, Any]:
    value, headers = example(kind)
    return {
        "name": kind.__name__,
        "summary": f"Said by {kind.SOURCE}; {', '.join(consumers(kind))} react.",
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "examples": [{"name": kind.__name__, "headers": headers, "payload": value}],
    }


def _embedded(kind: type[Event]) -> dict[str, Any]:
    """Within the document a schema has neither an id nor a dialect of its own."""
    return {name: value for name, value in schema(kind).items() if name not in ("$schema", "$id")}


def _operations() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for service in dict.fromkeys(kind.SOURCE for kind in PUBLISHED):
        said = [kind.__name__ for kind in PUBLISHED if service == kind.SOURCE]
        found[f"{service}.says"] = _operation("send", _LOG, said, f"What {service} says")
    for service, whenever in CONSUMERS.items():
        heard = [kind.__name__ for kind in PUBLISHED if kind in whenever]
        found[f"{service}.hears"] = _operation("receive", _LOG, heard, f"What {service} reacts to, as its group")
        found[f"{service}.parks"] = _operation("send", _DEAD, ["Parked"], f"What {service} could not handle")
    return found


def _operation(action: str, channel: str, names: list[str], summary: str) -> dict[str, Any]:
    messages = [{"$ref": f"{channel}/messages/{name}"} for name in names]
    return {"action": action, "channel": {"$ref": channel}, "summary": summary, "messages": messages}
