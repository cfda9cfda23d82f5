"""Problems in the description: their schema, an example of each, and which of them an operation may answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from adapters.rest.openapi_common import headers, ref
from adapters.rest.positions import VERSION
from adapters.rest.problems import PROBLEM, TITLES, Problem
from adapters.rest.routes import Told
from myticket_core.access import ANYONE, Action

_OF_PROBLEM: Final = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", "RateLimit-Policy", "RateLimit"),
    503: ("Retry-After",),
}
_OUTCOME: Final = ("Location", "Idempotency-Replayed", VERSION)
"""What became of a booking or a payment is told with these, whether it is what was hoped for or not."""
PROBLEM_SCHEMA: Final = {
    "type": "object", "description": "RFC 9457, with our code and the members of the originals' errors",
    "required": ["type", "title", "status", "detail", "instance", "code", "timestamp", "path", "error", "message",
                 "correlationId"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"enum": sorted(TITLES)},
        "timestamp": {"type": "string"}, "path": {"type": "string"}, "error": {"type": "string"},
        "message": {"type": "string"}, "correlationId": {"type": "string"},
        "member": {"type": "string", "description": "Of an invalid value: where it stands"},
        "value": {"description": "… what it was"}, "allowed": {"type": "string", "description": "… what it may be"},
        "remaining": {"type": "integer"}, "limit": {"type": "integer"}, "fee": {"type": "integer"},
        "price": {"type": ["integer", "null"]}, "reason": {"type": ["string", "null"]},
        "ticketId": {"type": "integer"}, "bookId": {"type": "integer"},
        "bookStatus": {"type": "string"}, "paymentStatus": {"type": "string"},
        "expiresAt": {"type": "string"}, "cancelUntil": {"type": "string"},
        "checkedInAt": {"type": "string"}, "sends": {"type": "boolean"},
        "_links": {"type": "object", "additionalProperties": ref("schemas", "Link")},
    },
}  # fmt: skip
_BOOK: Final = "http://book:8080/books/5"
_SELF: Final = {"self": {"href": _BOOK}, "book": {"href": _BOOK}}
_PAY: Final = {**_SELF, "payment": {"href": f"{_BOOK}/payment"}}
_OF_BOOK: Final = {"bookId": 5, "expiresAt": "2026-11-22T16:19:00.000+0000", "_links": _SELF}
_EXAMPLE_FACTS: Final[dict[str, dict[str, Any]]] = {
    "payment_declined": {**_OF_BOOK, "bookStatus": "DECLINED"},
    "expired": {**_OF_BOOK, "bookStatus": "EXPIRED"},
    "another_payment": {**_OF_BOOK, "bookStatus": "PENDING", "_links": _PAY},
    "pay_later": {**_OF_BOOK, "bookStatus": "PENDING", "_links": _PAY},
    "invalid": {"member": "price", "value": -5, "allowed": "an integer from 0 to 9007199254740991"},
    "sold_out": {"remaining": 0},
    "price_changed": {"price": 16000},
    "too_many_holds": {"limit": 10},
    "seats_left": {"remaining": 2},
    "too_many_places": {"limit": 10},
    "too_many_subscriptions": {"limit": 20},
    "fee_changed": {"fee": 1500},
    "too_late": {"cancelUntil": "2027-01-20T00:00:00.000+0000"},
    "not_booked": {"bookStatus": "CANCELED"},
    "checked_in": {"checkedInAt": "2027-01-23T18:20:00.000+0000"},
}


def codes(method: str, action: Action, told: Told) -> list[str]:
    """What an operation may answer: any of its kind, and what it says itself."""
    found = ["invalid", "unauthenticated", "too_many_requests", "internal", "unavailable"]
    found += [] if action in ANYONE else ["forbidden"]
    found += [] if method == "DELETE" or told.streamed else ["not_acceptable"]
    found += [] if method == "GET" else ["in_doubt"]
    found += ["too_large", "too_slow", "unsupported_media_type"] if told.takes else []
    return [*found, *told.problems]


def problems(codes: Sequence[str], outcomes: Sequence[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Status → the name of its response, and the response, for the codes that have this status."""
    by_status: dict[int, list[str]] = {}
    for code in sorted(set(codes)):
        by_status.setdefault(TITLES[code][0], []).append(code)
    return {str(status): _named(status, by_status[status], outcomes) for status in sorted(by_status)}


def _named(status: int, codes: Sequence[str], outcomes: Sequence[str]) -> tuple[str, dict[str, Any]]:
    decided = not set(codes).isdisjoint(outcomes)
    name = f"{status}-{'.'.join(codes)}"
    return (f"{name}-outcome", _response(status, codes, _OUTCOME)) if decided else (name, _response(status, codes))


def _response(status: int, codes: Sequence[str], more: Sequence[str] = ()) -> dict[str, Any]:
    names = (*_OF_PROBLEM.get(status, ()), *more, "Cache-Control", "X-Correlation-Id")
    examples = {code: ref("examples", code) for code in codes}
    return {
        "description": "; ".join(f"{code}: {TITLES[code][1]}" for code in codes),
        "headers": headers(names),
        "content": {PROBLEM: {"schema": ref("schemas", "Problem"), "examples": examples}},
    }


def example(code: str) -> dict[str, Any]:
    problem = Problem(code, TITLES[code][1], None, **_EXAMPLE_FACTS.get(code, {}))
    now = datetime(2026, 11, 22, 16, 9, 0, 0, UTC)
    return {"value": msgspec.json.decode(problem.body("/books", "0193a5c2f3b27d0b8c1e4f5a6b7c8d9e", now))}
