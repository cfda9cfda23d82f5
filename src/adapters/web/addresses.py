"""Addresses: of our pages, and of what is asked of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

BASE: Final = "/web"


def at(path: str, **query: str) -> str:
    """One of our pages."""
    return f"{BASE}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def asked(path: str, query: Mapping[str, Any]) -> str:
    """Something of the API; what is not said is left out."""
    said = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def ours(said: str) -> str:
    """Where to go on from a form: a page of ours, whatever it says."""
    return said if said.startswith(f"{BASE}/") and "\\" not in said and said.isprintable() else at("/tickets")
