"""The parts of the description that are the same for every operation: headers and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from myticket_core.notification.contact import REACHED
from myticket_core.notification.model import EMAIL
from myticket_core.values import LARGEST

ID: Final = {"type": "integer", "minimum": 1, "maximum": LARGEST}
IN_PATH: Final[dict[str, tuple[dict[str, Any], object]]] = {
    "channel": ({"enum": list(REACHED)}, EMAIL),
    "subscription": ({"type": "string", "pattern": "^[0-9a-f]{32}$"}, "0193a5c2f3b27d0b8c1e4f5a6b7c8d9e"),
}
"""What stands in a path and is no id: its schema, and an example."""
HEADERS: Final[dict[str, Any]] = {
    "Location": {"description": "Where it is", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "true: an earlier request with this key did it",
        "schema": {"enum": ["true"]},
    },
    "X-Version": {
        "description": "How far this has brought it; `min_version` of a page. Nothing else is to be read from it",
        "schema": {"type": "string", "example": "book:5:2"},
    },
    "X-Correlation-Id": {"description": "Ties together everything that follows", "schema": {"type": "string"}},
    "Retry-After": {"description": "In seconds", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "RateLimit-Policy": {
        "description": "How many requests (q) may come in how many seconds (w)",
        "schema": {"type": "string", "example": '"principal";q=1000;w=10'},
    },
    "RateLimit": {
        "description": "How many of them are left (r), and in how many seconds all of them are there again (t)",
        "schema": {"type": "string", "example": '"principal";r=0;t=10'},
    },
    "ETag": {"description": "Of these very bytes", "schema": {"type": "string", "pattern": '^"[0-9a-f]{24}"$'}},
    "Cache-Control": {
        "description": "Who may keep it: the caller alone, who asks each time, or nobody",
        "schema": {"type": "string"},
    },
    "Vary": {"description": "What the answer depends on", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "Which credentials are needed", "schema": {"type": "string"}},
}
KEY: Final = {
    "name": "Idempotency-Key", "in": "header", "required": False, "example": "order-4711",
    "description": "Once per key and caller: a repeat answers as the first one would now, and does nothing again. "
    "It is remembered for 30 days, unless the service was told otherwise (RETENTION_DAYS)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}  # fmt: skip
CORRELATION: Final = {
    "name": "X-Correlation-Id", "in": "header", "required": False,
    "description": "Taken over into every event, log line and notification that follows; made when left out",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
}  # fmt: skip
TIMEOUT: Final = {
    "name": "X-Request-Timeout-Ms", "in": "header", "required": False, "example": "3000",
    "description": "For how long the caller waits from when this is sent. What comes when nothing is left of it, or "
    "would be done only then, is not done: 503. What is under way then is in doubt: 504",
    "schema": {"type": "string", "pattern": "^[0-9]{1,6}$"},
}  # fmt: skip
KNOWN: Final = {
    "name": "If-None-Match", "in": "header", "required": False, "example": '"f00d2b4c6d8e9f0a1b2c3d4e"',
    "description": "The ETag of the answer the caller has: 304 without a body while it would be the same",
    "schema": {"type": "string", "maxLength": 1000, "pattern": '^("[!#-~]*"|[*])$'},
}  # fmt: skip
MATCHED: Final = {
    "name": "If-Match", "in": "header", "required": False,
    "description": "The ETag of a GET: done only while that would answer the same, else 412 and nothing is changed; "
    "left out or *: whatever it is by then",
    "schema": {"type": "string", "maxLength": 1000, "pattern": '^("[!#-~]*"|[*])$'},
}  # fmt: skip
ANEW: Final = {
    "name": "If-None-Match", "in": "header", "required": False,
    "description": "Done only where nothing is there yet, else 412 and nothing is changed",
    "schema": {"type": "string", "enum": ["*"]},
}  # fmt: skip
RESUMED: Final = {
    "name": "Last-Event-ID", "in": "header", "required": False, "example": "1.5",
    "description": "The id of the last event that was read",
    "schema": {"type": "string", "pattern": "^[1-9][0-9]{0,8}[.][0-9]{1,16}$"},
}  # fmt: skip
PARAMETERS: Final[Sequence[dict[str, Any]]] = (KEY, CORRELATION, TIMEOUT, KNOWN, MATCHED, RESUMED)


def ref(kind: str, name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/{kind}/{name}"}


def headers(names: Sequence[str]) -> dict[str, Any]:
    return {name: ref("headers", name) for name in names}
