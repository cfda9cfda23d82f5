"""Records as Kafka has them and as the core has them. Whatever bytes others wrote, reading them raises nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from attrs import frozen

from myticket_core.messages import Envelope
from myticket_core.ports import Record
from myticket_core.values import EPOCH
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
    """Of headers with the same name the last counts, as it does for Kafka's own clients.

    What does not say when it was said was said when Kafka says so: the stamp of an original is in the zone that its JVM
    runs in, and around New Year in another year.
    """
    headers = {_text(name.encode()): _text(value or b"") for name, value in found.headers}
    if (at := _at(found.timestamp)) is not None:
        headers.setdefault("ce_time", at)
    key = None if found.key is None else _text(found.key)
    return Record(found.offset, key, found.value or b"", headers, found.partition, found.topic)


def _at(millis: int | None) -> str | None:
    """None: Kafka does not say it, or whoever wrote the record said something else than a time."""
    if millis is None or millis <= 0:
        return None
    with suppress(OverflowError):
        return (EPOCH + timedelta(milliseconds=millis)).isoformat()
    return None


def _text(raw: bytes) -> str:
    """Without what is no UTF-8, and without NUL, which PostgreSQL keeps in no text."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
