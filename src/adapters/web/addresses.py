"""Addresses: of our pages, and of what is asked of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

BASE: Final = "/web"
_SIGNS: Final = "%:/?#[]@!$&'()*+,;=-._~"
"""That an address may have as they are (RFC 3986)."""
DIGITS: Final = 15
"""Of the longest number that the API knows, less one."""


def at(path: str, /, **query: str) -> str:
    """One of our pages; its query may have any names."""
    return f"{BASE}{quote(path)}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def asked(path: str, query: Mapping[str, Any]) -> str:
    """Something of the API; what is not said is left out."""
    said = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def whole(said: str) -> int | None:
    """A number from 1 on, as it may stand in an address or a form; None: it is none."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= DIGITS and int(said) else None


def ours(said: str) -> str:
    """Where to go on from a form: a page of ours, whatever it says, as a header can say it."""
    good = said.startswith(f"{BASE}/") and "\\" not in said and said.isprintable()
    return quote(said, safe=_SIGNS) if good else at("/tickets")
