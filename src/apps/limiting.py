"""How much anybody may ask of this process."""

from __future__ import annotations

from typing import Final

from adapters.rest import Buckets, Limits, Patience, Senders
from adapters.web.addresses import at
from apps.settings import Settings

PER_PRINCIPAL: Final = 100
PER_ADDRESS: Final = 2_000
"""Requests a second of those who come with an OpenID provider's tokens, unless a setting says something else.

Nobody who looks at pages and books gets near the first. Many may share an address: the second is about what a
process can answer, so that no single address can have all of it.
"""
PER_ADDRESS_SIGNING_IN: Final = 50
"""Requests a second, two of which are a sign-in: most are questions to the provider too, which others need as well."""


def limits(settings: Settings) -> Limits:
    """With the development tokens one is on one's own machine, and a mesh without tokens limits by itself: off there.

    In such a mesh everybody is the same principal, which therefore is never limited.
    """
    asked = settings.auth and not settings.development_tokens
    principals = _rate(settings.requests_per_principal, PER_PRINCIPAL if asked else 0)
    addresses = _rate(settings.requests_per_address, PER_ADDRESS if asked else 0)
    return Limits(
        Buckets("principal", principals) if principals and settings.auth else None,
        Buckets("address", addresses) if addresses else None,
        Senders(settings.trusted_proxies or (), settings.forwarded_header.encode()),
        Patience(settings.request_timeout_seconds.total_seconds()),
        {at("/sign-in"): Buckets("address", min(addresses, PER_ADDRESS_SIGNING_IN))} if addresses else {},
    )


def _rate(said: int | None, otherwise: int) -> int:
    return otherwise if said is None else said
