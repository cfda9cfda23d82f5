"""Things to try adapters with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Final, NoReturn

from myticket_core.messages import Cause, Envelope
from myticket_core.ports import Outbox

NOW: Final = datetime(2030, 1, 2, 3, 4, 5, 678901, UTC)
"""The moment the suites speak of; stores keep its microseconds."""

_NUMBERS = count(1)


class Boom(Exception):
    """Raised by a decision that goes wrong in a way nobody foresaw."""


def boom(*_: object) -> NoReturn:
    """A decision that goes wrong."""
    raise Boom


def cause(key: str | None = None, fingerprint: str = "as asked", consumer: str | None = None) -> Cause:
    """A new cause."""
    number = next(_NUMBERS)
    return Cause(f"cause-{number}", f"correlation-{number}", key, fingerprint, consumer, NOW if consumer else None)


async def said(outbox: Outbox) -> Sequence[Envelope]:
    """Everything that waits to be published."""
    return await outbox.pending(10_000)


async def told(outbox: Outbox) -> list[tuple[str, int | None]]:
    """(type, version) of everything that waits to be published."""
    return [(envelope.type, envelope.version) for envelope in await said(outbox)]
