"""Addresses: of our pages, and of what is asked of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from myticket_core.values import LARGEST

BASE: Final = "/web"
_SIGNS: Final = "%:/?#[]@!$&'()*+,;=-._~"
"""That an address may have as they are (RFC 3986)."""
DIGITS: Final = len(str(LARGEST))
"""Of the longest number that the API knows."""


def at(path: str, /, **query: str) -> str:
    """One of our pages; its query may have any names."""
    return f"{BASE}{quote(path)}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def asked(path: str, query: Mapping[str, Any]) -> str:
    """Something of the API; what is not said is left out."""
    said = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def whole(said: str) -> int | None:
    """A number from 1 to LARGEST, as it may stand in an address or a form; None: it is none."""
    number = int(said) if said.isascii() and said.isdigit() and len(said) <= DIGITS else 0
    return number if 1 <= number <= LARGEST else None


def ours(said: str) -> str:
    """Where to go on from a form: a page of ours, whatever it says, as a header can say it."""
    good = said.startswith(f"{BASE}/") and "\\" not in said and said.isprintable()
    return quote(said, safe=_SIGNS) if good else at("/tickets")
