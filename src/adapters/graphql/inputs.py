"""What arguments have to be beyond their type, as REST's parameters do; and what one of them is taken from."""

from __future__ import annotations

from myticket_core.errors import Invalid
from myticket_core.position import Position
from myticket_core.values import LARGEST


def ident(member: str, value: int) -> int:
    """Raises Invalid: ids begin at 1."""
    if value < 1:
        raise Invalid(member, value, f"an integer from 1 to {LARGEST}")
    return value


def own(member: str, mine: int | None, said: int | None) -> int | None:
    """Whose it is: the token's, which what is said must match; without one, what is said. Raises Invalid."""
    if mine is None:
        return said
    if said is not None and said != mine:
        raise Invalid(member, said, f"{mine}, which is yours, or nothing")
    return mine


def position(source: str, key: int, version: int) -> str | None:
    """As REST's X-Version says it; None where nothing was said of it yet."""
    return str(Position(source, key, version)) if version else None
