"""How far a command has brought things, for who wants to see it on a page at once: read-your-writes."""

from __future__ import annotations

from typing import Final

from adapters.rest.call import Call
from adapters.rest.routes import Parameter
from myticket_core.position import Position

VERSION: Final = "X-Version"
MEMBER: Final = "min_version"
AWAITED: Final = Parameter(
    MEMBER,
    {"type": "string", "pattern": "^(book|pay|ticket):[1-9][0-9]{0,15}:[1-9][0-9]{0,15}$"},
    "An X-Version that the page has to have seen: waited for a little while, else 202 with what there is",
)


def versioned(source: str, key: int, version: int) -> dict[str, str]:
    """The header of an answer; none where nothing was said of it yet."""
    return {VERSION: str(Position(source, key, version))} if version else {}


def awaited(call: Call) -> Position | None:
    """What the pages have to have seen. Raises Invalid."""
    said = call.one(MEMBER)
    return None if said is None else Position.read(MEMBER, said)
