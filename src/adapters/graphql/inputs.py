"""What arguments have to be beyond their type, as REST's parameters do."""

from __future__ import annotations

from myticket_core.errors import Invalid
from myticket_core.position import Position
from myticket_core.values import LARGEST


def ident(member: str, value: int) -> int:
    """Raises Invalid: ids begin at 1."""
    if value < 1:
        raise Invalid(member, value, f"an integer from 1 to {LARGEST}")
    return value


def position(source: str, key: int, version: int) -> str | None:
    """As REST's X-Version says it; None where nothing was said of it yet."""
    return str(Position(source, key, version)) if version else None
