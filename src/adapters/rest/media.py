"""Which JSON is spoken: HAL unless plain JSON is preferred; nothing else is read or written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from adapters.rest.problems import Problem

HAL: Final = "application/hal+json"
JSON: Final = "application/json"
HTML: Final = "text/html"
MERGE_PATCH: Final = "application/merge-patch+json"
READ: Final = (JSON, HAL, MERGE_PATCH)
SPOKEN: Final[Sequence[str]] = (HAL, JSON)
MOST: Final = 50
"""Media types that are looked at in one header, and parameters of one; what is said beyond them is not read."""
Wanted: TypeAlias = Sequence[tuple[str, Sequence[str]]]
"""Media types and their parameters, in the order of the header."""


@lru_cache(maxsize=256)
def answer_in(accept: str, spoken: Sequence[str] = SPOKEN) -> str:
    """The media type to answer in, the first one if nothing is said. Raises Problem("not_acceptable")."""
    if not accept:
        return spoken[0]
    wanted = _wanted(accept)
    ranks = {offer: _rank(offer, wanted) for offer in spoken}
    offer = max(spoken, key=ranks.__getitem__)
    if ranks[offer][0] <= 0:
        raise Problem("not_acceptable", f"{accept} is not spoken here", allowed=" or ".join(spoken))
    return offer


@lru_cache(maxsize=256)
def check_readable(content_type: str, encoding: str = "") -> None:
    """Raises Problem("unsupported_media_type") for everything but JSON in UTF-8, and what is compressed."""
    if encoding.strip().lower() not in ("", "identity"):
        raise Problem("unsupported_media_type", f"{encoding} is not read here", {"Accept-Encoding": "identity"})
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = [part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")]
    if kind not in READ or any(name not in ("utf-8", "utf8") for name in charset):
        shown = content_type or "no Content-Type"
        raise Problem("unsupported_media_type", f"{shown} is not read here", allowed=f"{JSON} in UTF-8")


def shown(accept: str) -> bool:
    """Whether it is a browser that shows what it gets: nobody else says this one by name."""
    return any(kind == HTML for kind, _ in _wanted(accept))


@lru_cache(maxsize=256)
def _wanted(accept: str) -> Wanted:
    return [_parted(part) for part in accept.split(",", MOST)[:MOST]]


def _parted(part: str) -> tuple[str, Sequence[str]]:
    kind, *parameters = (text.strip().lower() for text in part.split(";", MOST)[:MOST])
    return kind, parameters


def _rank(offer: str, wanted: Wanted) -> tuple[float, int]:
    """How much an offer is wanted: quality first, then what stands earlier in the header."""
    found = (0.0, 0, 0)
    for place, (kind, parameters) in enumerate(wanted):
        specific = _matches(kind, offer)
        if specific > found[1]:
            found = (_quality(parameters), specific, -place)
    return found[0], found[2]


def _matches(wanted: str, offer: str) -> int:
    """0: not at all; the higher, the more exactly."""
    return {offer: 3, "application/*": 2, "*/*": 1}.get(wanted, 0)


def _quality(parameters: Sequence[str]) -> float:
    said = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    return float(said) if re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", said, re.ASCII) else 0.0
