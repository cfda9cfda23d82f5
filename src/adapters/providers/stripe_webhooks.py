"""What Stripe says of its own accord, signed: read as a hint where to look, and never believed further."""

from __future__ import annotations

import json
from typing import Any, Final

import stripe
from attrs import frozen

from adapters.providers.stripe_calls import KEY
from myticket_core.errors import Invalid, Unauthenticated
from myticket_core.payment.ports import Hint

TOLERANCE: Final = 300
"""Seconds a message may be old: a copy of one cannot be sent again later."""
KINDS: Final = ("payment_intent.", "charge.", "refund.")
LONGEST: Final = 255


@frozen
class StripeWebhooks:
    """`secret` is that of the endpoint (whsec_…)."""

    secret: str

    def __call__(self, message: bytes, signature: str) -> Hint | None:
        self._check(message, signature)
        event = _read(message)
        kind, found = _text(event, "type"), _object(event)
        hint = Hint(_text(event, "id"), kind, _key(found), _intent(found))
        ours = kind.startswith(KINDS) and (hint.key or hint.reference)
        return hint if ours else None

    def _check(self, message: bytes, signature: str) -> None:
        """The library lets through what is not text as what it is: ValueError, TypeError."""
        try:
            stripe.WebhookSignature.verify_header(message, signature, self.secret, TOLERANCE)
        except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
            raise Unauthenticated("this is not signed by Stripe, or was too long ago") from error


def _read(message: bytes) -> dict[str, Any]:
    try:
        event = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise Invalid("body", message[:40], "an event of Stripe in JSON") from error
    if not isinstance(event, dict):
        raise Invalid("body", type(event).__name__, "an event of Stripe")
    return event


def _text(event: dict[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
        raise Invalid(name, repr(value)[:40], f"1 to {LONGEST} printable characters")
    return value


def _object(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    found = data.get("object") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise Invalid("data.object", repr(found)[:40], "what the event is about")
    return found


def _key(found: dict[str, Any]) -> str | None:
    metadata = found.get("metadata")
    return _short(metadata.get(KEY)) if isinstance(metadata, dict) else None


def _intent(found: dict[str, Any]) -> str | None:
    """The PaymentIntent it is, or belongs to."""
    return _short(found.get("id" if found.get("object") == "payment_intent" else "payment_intent"))


def _short(value: object) -> str | None:
    known = isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()
    return str(value) if known else None
