"""What goes wrong, as RFC 9457 problems, with the members that clients of the originals read beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.exceptions import HTTPException

from myticket_core.errors import Forbidden, InDoubt, Invalid, NotFound, Rejected, Unauthenticated, Unavailable, plain
from myticket_core.messages import asked_as, camel
from myticket_core.values import written

PROBLEM: Final = "application/problem+json"
_PHRASES: Final = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}
"""Whichever Python it is: from 3.13 on these have other words there."""

TITLES: Final[dict[str, tuple[int, str]]] = {
    "invalid": (400, "A value is not acceptable"),
    "unauthenticated": (401, "A valid token is needed"),
    "payment_declined": (402, "The payment was declined; another attempt is a new booking"),
    "forbidden": (403, "This role may not do this"),
    "not_found": (404, "There is no such thing, or it is not yours"),
    "method_not_allowed": (405, "This cannot be done here"),
    "not_acceptable": (406, "Only JSON is spoken here"),
    "too_slow": (408, "The request did not arrive in time; nothing happened"),
    "sold_out": (409, "No seat is left"),
    "price_changed": (409, "The price is another one now"),
    "too_many_holds": (409, "Pay or cancel a booking that waits for its payment first"),
    "seats_left": (409, "There is nothing to wait for: book a seat"),
    "too_many_places": (409, "Leave another line first"),
    "too_many_subscriptions": (409, "Remove another browser first"),
    "wrong_code": (409, "This code does not confirm the address; have one sent to it"),
    "closed": (409, "The ticket is not on sale any more"),
    "fee_changed": (409, "Canceling costs more by now than was agreed to, and nothing is canceled"),
    "too_late": (409, "The booking cannot be canceled any more"),
    "not_booked": (409, "Only a booking that is paid and stands lets anybody in"),
    "checked_in": (409, "Somebody was let in with it already"),
    "another_payment": (409, "The booking is paid for on other terms"),
    "void": (409, "The booking is over; nothing is charged for it"),
    "expired": (410, "The booking is over"),
    "changed_meanwhile": (412, "It has changed since it was looked at; look again, nothing was changed now"),
    "too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "Only JSON is read here"),
    "key_reused": (422, "The idempotency key came with another request before"),
    "too_many_confirmations": (429, "So many codes were sent that more have to wait as long as Retry-After says"),
    "too_many_requests": (429, "More requests than one may send; wait as long as Retry-After says"),
    "internal": (500, "Something unforeseen happened; the correlation id finds it in the log"),
    "unavailable": (503, "Not now, but soon; nothing happened"),
    "pay_later": (503, "The seat is held; pay a little later"),
    "in_doubt": (504, "No answer came in time: it may or may not have happened. Look, or ask again with the same key"),
}
"""Code → status and title: all that can be answered."""

_BY_STATUS: Final = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
}


class Problem(Exception):
    """An answer that is not the one hoped for: its code and, beside the detail, what a program wants to know."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str] | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.code, self.detail, self.headers, self.facts = code, detail, headers or {}, facts

    @property
    def status(self) -> int:
        return TITLES[self.code][0]

    def body(self, path: str, correlation_id: str, now: datetime) -> bytes:
        """As JSON: the members of RFC 9457, our code and facts, and those of the originals' error bodies."""
        status, title = TITLES[self.code]
        return msgspec.json.encode(
            {
                "type": f"urn:myticket:problem:{self.code}",
                "title": title,
                "status": status,
                "detail": plain(self.detail),
                "instance": plain(path),
                "code": self.code,
                "timestamp": written(now),
                "path": plain(path),
                "error": _PHRASES.get(status) or HTTPStatus(status).phrase,
                "message": plain(self.detail),
                "correlationId": correlation_id,
                **self.facts,
            }
        )


def problem_of(error: Exception) -> Problem:
    """What to answer to an error. What is not raised on purpose is `internal` and says nothing of itself; nor does what
    does not answer us, whose address is nobody's business.
    """
    match error:
        case Problem():
            return error
        case Invalid():
            return _invalid(error)
        case Rejected() if error.code in TITLES:
            return _rejected(error)
        case NotFound():
            return Problem("not_found", str(error))
        case Unauthenticated():
            return Problem("unauthenticated", str(error), {"WWW-Authenticate": _challenge(error)})
        case Forbidden():
            return Problem("forbidden", str(error))
        case Unavailable():
            return Problem("unavailable", TITLES["unavailable"][1], retry_after(error.retry_after))
        case InDoubt():
            return Problem("in_doubt", TITLES["in_doubt"][1])
        case HTTPException() if error.status_code < 500:
            return _of_framework(error)
    return Problem("internal", TITLES["internal"][1])


def _rejected(error: Rejected) -> Problem:
    """What says how long to wait says so where everybody looks for it."""
    facts = dict(error.facts)
    wait = facts.pop("retry_after", None)
    headers = retry_after(wait) if isinstance(wait, timedelta) else None
    return Problem(error.code, str(error), headers, **{camel(it): _fact(facts[it]) for it in facts})


def _fact(value: object) -> object:
    return written(value) if isinstance(value, datetime) else value


class BadToken(Unauthenticated):
    """A token was sent, and it is not a valid one."""


def retry_after(wait: timedelta) -> dict[str, str]:
    """In whole seconds, at least one."""
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}


def _challenge(error: Unauthenticated) -> str:
    return 'Bearer realm="myticket"' + (', error="invalid_token"' if isinstance(error, BadToken) else "")


def _invalid(error: Invalid) -> Problem:
    member = error.member if error.member == "min_version" else asked_as(error.member)
    value = _shown(error.value)
    said = "missing" if value is None else msgspec.json.encode(value).decode()
    return Problem("invalid", f"{member} is {said}; {error.hint}", member=member, value=value,
                   allowed=error.allowed)  # fmt: skip


def _shown(value: object) -> object:
    """A refused value as it can be shown: scalars as they are, the rest by name."""
    match value:
        case None | bool():
            return value
        case int() | float() if abs(value) < 2**63:
            return value
        case int() | float():
            return "a number beyond all bounds"
        case str():
            return plain(value[:100])
        case dict():
            return "an object"
        case list():
            return "an array"
    return plain(repr(value))


def _of_framework(error: HTTPException) -> Problem:
    code, able = _BY_STATUS.get(error.status_code, "invalid"), (error.headers or {}).get("allow", "")
    headers = {"Allow": f"{able}, HEAD" if "GET" in able else able} if able else {}
    return Problem(code, error.detail or TITLES[code][1], headers)
