"""Records as Kafka has them and as the core has them. Whatever bytes others wrote, reading them raises nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from myticket_core.messages import Envelope
from myticket_core.ports import Record
from myticket_core.wire import encode


@frozen
class Message:
    """One record to be sent."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]


def message(topic: str, envelope: Envelope) -> Message:
    value, headers = encode(envelope)
    return Message(topic, envelope.key.encode(), value, wired(headers))


def wired(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, text.encode()) for name, text in headers.items()]


def record(found: Any) -> Record:
    """Of headers with the same name the last counts, as it does for Kafka's own clients."""
    headers = {_text(name.encode()): _text(value or b"") for name, value in found.headers}
    key = None if found.key is None else _text(found.key)
    return Record(found.offset, key, found.value or b"", headers, found.partition, found.topic)


def _text(raw: bytes) -> str:
    """Without what is no UTF-8, and without NUL, which PostgreSQL keeps in no text."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
