"""Events on the log: one flat JSON object, CloudEvents 1.0 headers in binary mode. Read leniently, written exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from myticket_core.errors import Unreadable
from myticket_core.messages import Envelope
from myticket_core.ports import Record

_LARGEST = 2**63 - 1
_LONGEST_ID: Final = 200
"""Characters; what is longer fits in no database's index, and is nobody's idea of an id."""
_TOLD: Final = 100
"""How many characters of something odd are told; it may have millions."""

_in_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(envelope: Envelope) -> tuple[bytes, dict[str, str]]:
    """The value and the headers of an event. There is no `contentType` header: the originals choke on it."""
    members = {
        "eventType": envelope.type,
        "timestamp": envelope.time.strftime("%Y%m%d%H%M%S"),
        **envelope.data,
    }
    headers = {
        "ce_specversion": "1.0",
        "ce_id": envelope.id,
        "ce_source": f"/{envelope.source}",
        "ce_type": envelope.type,
        "ce_subject": envelope.key,
        "ce_time": envelope.time.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
        "ce_correlationid": envelope.correlation_id,
        "ce_causationid": envelope.causation_id,
        "ce_aggregateversion": None if envelope.version is None else str(envelope.version),
    }
    value = _in_json(members).encode()
    return value, {name: text for name, text in headers.items() if text is not None}


def decode(record: Record) -> Envelope:
    """The envelope of a record, from us or from an original that sends no headers. Raises Unreadable."""
    members = _members(record.value)
    headers = record.headers
    kind = members.pop("eventType")
    stamp = members.pop("timestamp", None)
    id = _id(members)
    return Envelope(
        id=event_id(record),
        type=kind,
        source=headers.get("ce_source", "").removeprefix("/"),
        key=record.key or headers.get("ce_subject") or str(id),
        data={**members, "id": id},
        time=_time(headers.get("ce_time"), stamp),
        correlation_id=headers.get("ce_correlationid") or str(members.get("bookId") or id),
        causation_id=headers.get("ce_causationid"),
        version=_version(headers),
    )


def event_id(record: Record) -> str:
    """What its sender calls the event; of one that does not, or not in a usable way, its place in the log."""
    said = record.headers.get("ce_id", "")
    return said if 0 < len(said) <= _LONGEST_ID else f"{record.topic}-{record.partition}-{record.position}"


def is_counted(record: Record) -> bool:
    """Whether it says the version of what it is about, as all of ours do, and none of an original."""
    return _version(record.headers) is not None


def _members(value: bytes) -> dict[str, Any]:
    try:
        members = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from error
    if not isinstance(members, dict) or not isinstance(members.get("eventType"), str):
        raise Unreadable("not a JSON object with an eventType")
    return members


def _id(members: Mapping[str, Any]) -> int:
    id = members.get("id")
    if isinstance(id, str) and id.isascii() and id.isdigit() and len(id) < 20:
        id = int(id)
    if not isinstance(id, int) or isinstance(id, bool) or not 0 < id <= _LARGEST:
        raise Unreadable(f"id is {repr(members.get('id'))[:_TOLD]}, not a positive integer")
    return id


def _version(headers: Mapping[str, str]) -> int | None:
    text = headers.get("ce_aggregateversion", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _time(iso: str | None, stamp: object) -> datetime:
    """When it happened; the originals' stamp is lenient, and an event without any time is no reason to park it."""
    for text, read in ((iso, datetime.fromisoformat), (stamp, _stamp)):
        try:
            at = read(str(text))
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.fromtimestamp(0, UTC)


def _stamp(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
