"""What an answer looks like, apart from what it says: status, headers, members, JSON types, forms of dates, links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from attrs import frozen

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")
_JSON = {bool: "boolean", int: "number", float: "number", str: "text", dict: "object", list: "array"}


@frozen
class Answer:
    status: int
    headers: Mapping[str, str]  # by their names in lower case
    body: Any  # what the JSON says, or None

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], text: str) -> Self:
        json_sent = "json" in headers.get("content-type", "")
        return cls(status, headers, json.loads(text) if json_sent and text else None)


def differences(theirs: Answer, ours: Answer) -> list[str]:
    """How ours is not what theirs is. What ours adds is none, and their null says nothing of a type.

    When one is good and the other is not, the status tells it all.
    """
    found = [] if theirs.status == ours.status else [f"status {theirs.status} → {ours.status}"]
    if (theirs.status < 300) != (ours.status < 300):
        return found
    found += _headers(theirs, ours)
    return found + list(dict.fromkeys(in_json("", theirs.body, ours.body)))


def in_json(place: str, theirs: Any, ours: Any) -> Iterator[str]:
    """What is missing or of another kind in `ours`, each by its place."""
    if theirs is None:
        return
    if _kind(place, theirs) != _kind(place, ours):
        yield f"{place or 'body'} {_kind(place, theirs)} → {_kind(place, ours)}"
    elif isinstance(theirs, dict):
        for name, value in theirs.items():
            yield from in_json(f"{place}.{name}", value, ours.get(name))
    elif isinstance(theirs, list) and theirs:
        for item in ours or [None]:
            yield from in_json(f"{place}[]", _counterpart(item, theirs), item)


def _counterpart(item: Any, theirs: list[Any]) -> Any:
    """The one of the same name, None: ours adds it; items without names are all alike."""
    named = {it["id"]: it for it in theirs if isinstance(it, dict) and isinstance(it.get("id"), str)}
    return named.get(item.get("id")) if named and isinstance(item, dict) else theirs[0]


def _headers(theirs: Answer, ours: Answer) -> list[str]:
    found = []
    for name, form in (("content-type", str.lower), ("location", _address), ("allow", _methods), ("link", str)):
        said, answered = theirs.headers.get(name), ours.headers.get(name)
        if said is not None and (answered is None or form(said) != form(answered)):
            found.append(f"{name} {form(said)} → {answered and form(answered)}")
    if "content-type" not in theirs.headers and ours.headers.get("content-type"):
        found.append(f"no body → {ours.headers['content-type']}")
    return found


def _kind(place: str, value: Any) -> str:
    if isinstance(value, str) and place.endswith(".href"):
        return _address(value)
    if isinstance(value, str) and _DATE.fullmatch(value):
        return "date"
    return _JSON[type(value)] if value is not None else "nothing"


def _address(url: str) -> str:
    """Without the host, which is each one's own, and with {n} for every number."""
    return re.sub(r"\d+", "{n}", re.sub(r"^https?://[^/]+", "", url))


def _methods(allow: str) -> str:
    return " ".join(sorted(re.split(r",\s*", allow)))
