"""Reading what callers send: JSON objects member by member, leniently where the originals are, naming what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from adapters.rest.dates import read_date
from myticket_core.errors import Invalid
from myticket_core.strict_json import read_strictly, why
from myticket_core.values import LARGEST

_DIGITS: Final = re.compile(r"-?\d{1,16}", re.ASCII)


@frozen
class Kind:
    """A kind of value: how it is read, and the JSON schema that says the same."""

    read: Callable[[str, object], Any]
    schema: Mapping[str, Any]


@frozen
class Member:
    """One member of a body. `required` is told to readers of the schema; the command itself insists on it."""

    name: str
    kind: Kind
    about: str
    example: Any = None
    required: bool = False


@frozen
class Shape:
    """A request body: a JSON object with these members; others are ignored."""

    name: str
    members: Sequence[Member]
    by_name: Mapping[str, Callable[[str, object], Any]] = field(init=False)

    @by_name.default
    def _readers(self) -> Mapping[str, Callable[[str, object], Any]]:
        return {member.name: member.kind.read for member in self.members}

    def read(self, raw: bytes) -> dict[str, Any]:
        """The members that are there, by their names on the wire. Raises Invalid."""
        readers = self.by_name
        return {name: readers[name](name, value) for name, value in parsed(raw).items() if name in readers}


def parsed(raw: bytes) -> dict[str, Any]:
    """One JSON object. Raises Invalid: not UTF-8, not JSON, too deep, a member twice, not an object."""
    try:
        value = read_strictly(raw.decode())
    except (RecursionError, ValueError) as error:
        raise Invalid("body", cut(raw), "a JSON object in UTF-8, no member twice", why(error)) from None
    if not isinstance(value, dict):
        raise Invalid("body", value, "a JSON object")
    return value


def cut(raw: bytes) -> str:
    """The beginning of what was sent, to be shown to its sender."""
    return raw[:400].decode("utf-8", "backslashreplace")[:100]


def integer(least: int) -> Kind:
    """A whole number, also as a string of digits; 1.9 and true are none. Bounds are ours to check, not the core's."""
    return _integer(least, LARGEST, r"^[0-9]{1,15}$" if least == 0 else r"^0{0,7}[1-9][0-9]{0,7}$")


def _integer(least: int, most: int, digits: str) -> Kind:
    def read(member: str, value: object) -> int | None:
        return within(least, most, member, value)

    return Kind(read, {"anyOf": [
        {"type": "integer", "minimum": least, "maximum": most}, {"type": "string", "pattern": digits}]})  # fmt: skip


def within(least: int, most: int, member: str, value: object) -> int | None:
    """A whole number as `integer` reads it. Raises Invalid."""
    if value is None:
        return None
    number = _whole(value)
    if number is None or not least <= number <= most:
        raise Invalid(member, value, f"an integer from {least} to {most}")
    return number


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _text(member: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Invalid(member, value, "a string")


def _truth(member: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Invalid(member, value, "true or false")


def text(longest: int) -> Kind:
    """A string; how long it is and what stands in it is checked by the command."""
    return Kind(_text, {"type": "string", "maxLength": longest, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u00a0]*$"})


PERCENT: Final = _integer(0, 100, r"^([0-9]{1,2}|100)$")
TRUTH: Final = Kind(_truth, {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]})
DATE: Final = Kind(read_date, {
    "description": "ISO 8601, any offset (none: UTC), the time may be missing; or epoch milliseconds; \"\" is null",
    "anyOf": [
        {"type": "string", "format": "date-time"}, {"type": "string", "format": "date"},
        {"type": "integer", "minimum": -62135596800000, "maximum": 253402300799999},
        {"const": ""},
    ],
})  # fmt: skip


def nullable(kind: Kind) -> Kind:
    """The same, or null: the reader takes null already."""
    return Kind(kind.read, {"anyOf": [kind.schema, {"type": "null"}]})
