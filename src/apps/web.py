"""The pages for people: of the whole system in one process, or of my page, which asks the other services for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final
from urllib.parse import urlsplit

from adapters.rest.development import FILE
from adapters.web.addresses import BASE
from adapters.web.asking import Ask
from apps.door import is_loopback
from apps.settings import Settings
from apps.tokens import issuer
from apps.web_asking import InProcess
from myticket_core.access import Role

CARDS: Final = tuple(f"sandbox-{card}" for card in ("approve", "decline", "unavailable", "slow", "timeout"))
NEEDED: Final = frozenset({"ticket", "book", "pay"})
"""Without the others the pages show less, and nothing is in anybody's way."""


def pages(
    settings: Settings, services: Sequence[str], asking: InProcess, url: str, closing: AsyncExitStack
) -> Mapping[str, Any]:
    """Path → what is served there; nothing where people cannot sign in, or what the pages need cannot be asked."""
    ask = _ask(settings, services, asking, closing)
    if ask is None or not settings.auth or settings.oidc_issuer is not None:
        return {}
    from adapters.web.pages import Pages  # Jinja and Babel cost a start more than it needs elsewhere
    from adapters.web.sessions import Sessions
    from adapters.web.site import Site

    known = issuer(settings)

    def sign_in(role: str, number: int) -> str:
        return known.token(Role(role), number, number)

    secret = (settings.data / FILE).read_bytes()  # one secret of the folder is enough
    sessions = Sessions(secret, secure=not is_loopback(urlsplit(url).hostname or ""))
    cards = CARDS if settings.payment_provider == "sandbox" else ()
    return {BASE: Pages(Site(ask, sessions, sign_in, url, settings.payment_currency.upper(), cards))}


def _ask(settings: Settings, services: Sequence[str], asking: InProcess, closing: AsyncExitStack) -> Ask | None:
    if NEEDED.issubset(services):
        return asking
    if list(services) == ["mypage"] and settings.api_url_ticket and settings.api_url_book:
        from apps.web_http import by_place  # aiohttp's client as well

        return by_place(settings, asking, closing)
    return None
