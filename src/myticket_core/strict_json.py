"""JSON as it is read from whoever asks for something: what could mean two things is refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final


def read_strictly(text: str) -> Any:
    """The value of a text: no member twice, no NaN. Raises ValueError, RecursionError."""
    return _STRICT.decode(text)


def why(error: RecursionError | ValueError) -> str:
    """What was wrong with the bytes of a text that was refused, for whoever sent it."""
    match error:
        case RecursionError():
            return "nested too deeply"
        case UnicodeDecodeError():
            return f"byte {error.start + 1} is not UTF-8"
        case json.JSONDecodeError():
            return f"{error.msg.removesuffix(' at')}, character {error.pos + 1}"
    return str(error)  # our own words


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError(f"{_again(name for name, _ in pairs)[:40]} stands there twice")
    return members


def _again(names: Iterable[str]) -> str:
    """In time that is linear in how many there are."""
    return next(name for name, times in Counter(names).items() if times > 1)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _integer(digits: str) -> int:
    """Python's own refusal tells how Python is set otherwise."""
    try:
        return int(digits)
    except ValueError:
        raise ValueError("a number has too many digits") from None


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_int=_integer)
