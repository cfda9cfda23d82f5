"""The pages for people: of the whole system in one process, or of my page, which asks the other services for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import evolve, frozen

from adapters.rest.development import FILE
from adapters.web.addresses import BASE
from adapters.web.asking import Ask
from apps.failures import CannotRun
from apps.money import currency
from apps.setting_addresses import is_loopback, is_sealed
from apps.settings import Settings
from apps.tokens import issuer
from apps.web_asking import InProcess
from myticket_core.access import Role

CARDS: Final = tuple(f"sandbox-{card}" for card in ("approve", "decline", "unavailable", "slow", "timeout"))
NEEDED: Final = frozenset({"ticket", "book", "pay"})
"""Without the others the pages show less, and nothing is in anybody's way."""
_NEEDED_TOGETHER: Final = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
_LEAST: Final = 32
"""Characters of a secret that seals: whoever has an e-ticket can try shorter ones at home."""
IN_TIME: Final = 0.9
"""Of the time that the door gives a page, as much is for asking; the door's own refusal has no form and no key."""


def pages(
    settings: Settings, services: Sequence[str], asking: InProcess, url: str, closing: AsyncExitStack
) -> Mapping[str, Any]:
    """Path → what is served there; nothing where people cannot sign in, or what the pages need cannot be asked."""
    if not _served(settings, services):
        return {}
    ask, entrance = _ask(settings, services, asking, closing), _entrance(settings, closing)
    from adapters.web.pages import Pages  # Jinja and Babel cost a start more than it needs elsewhere
    from adapters.web.sessions import Sessions
    from adapters.web.site import Site

    secure, before = not is_loopback(urlsplit(url).hostname or ""), settings.pages_secret_before
    secret = settings.pages_secret.encode() if settings.pages_secret else entrance.secret
    sessions = Sessions(secret, secure, before.encode() if before else None)
    cards = CARDS if settings.payment_provider == "sandbox" else ()
    said = (url.rstrip("/"), currency(settings), cards)
    patience = IN_TIME * settings.request_timeout_seconds.total_seconds()
    messages = NEEDED.issubset(services) or settings.api_url_alarm is not None
    site = Site(ask, asking.follow, sessions, entrance.sign_in, *said, entrance.provider,
                patience=patience, prefix=settings.notification_prefix, messages=messages)  # fmt: skip
    return {BASE: Pages(site)}


@frozen
class _Entrance:
    """How one signs in, and a secret that all replicas have and nobody else: for seals, where they have no own."""

    secret: bytes
    sign_in: Callable[[str, int], str] | None = None
    provider: Any = None


def _entrance(settings: Settings, closing: AsyncExitStack) -> _Entrance:
    if settings.oidc_issuer is None:
        known = issuer(settings)
        key = (settings.data / FILE).read_bytes()
        return _Entrance(key, sign_in=lambda role, number: known.token(Role(role), number, number))
    from adapters.oidc.code import CodeFlow
    from apps.web_signing import OpenId

    client, secret = settings.oidc_client_id, settings.oidc_client_secret
    assert client is not None, "pages are served"
    assert secret is not None, "pages are served"
    flow = CodeFlow(settings.oidc_issuer, client, secret)
    closing.push_async_callback(flow.close)
    return _Entrance(secret.encode(), provider=OpenId(flow))


def with_pages(settings: Settings, services: Sequence[str], url: str) -> Settings:
    """It is known where the pages are, when they are here."""
    if settings.pages_url or not _served(settings, services):
        return settings
    return evolve(settings, pages_url=f"{url.rstrip('/')}{BASE}")


def check(settings: Settings, services: Sequence[str]) -> None:
    """Raises CannotRun: people could not come or sign in to the pages, and somebody wanted them to; or others could
    make seals.
    """
    if settings.public_url and _served(settings, services):
        _come_by(settings.public_url, settings)
    needed = _NEEDED_TOGETHER if settings.auth and settings.oidc_issuer and _asked(settings, services) else ()
    given = [name for name in needed if getattr(settings, name.lower())]
    if len(given) == 1:
        (missing,) = set(needed) - {*given}
        raise CannotRun(f"{given[0]} is set, and {missing} is not: people sign in to the pages with both")
    if given and not settings.pages_secret and len(settings.oidc_client_secret or "") < _LEAST:
        raise CannotRun(
            f"PAGES_SECRET has to be set, to {_LEAST} characters or more: without it seals rest on OIDC_CLIENT_SECRET, "
            "which is shorter and could be guessed from an e-ticket. For those that are printed already, say what "
            "OIDC_CLIENT_SECRET is as PAGES_SECRET_BEFORE"
        )


def _come_by(url: str, settings: Settings) -> None:
    """Raises CannotRun: the pages are not there, or browsers would not keep who is signed in."""
    parts = urlsplit(url)
    if parts.path:
        raise CannotRun(
            f"PUBLIC_URL is {url}: the pages are at {BASE} of their host, and their links lead there, under no other "
            f"path; let it be {parts.scheme}://{parts.netloc}, a host of its own, where all of {BASE} comes here"
        )
    if settings.oidc_issuer and not is_sealed(url):
        raise CannotRun(
            f"PUBLIC_URL is {url}: over http browsers keep no session of the pages, so that nobody could sign in; "
            "let something in front speak TLS, and PUBLIC_URL be https, as people come by it"
        )


def _served(settings: Settings, services: Sequence[str]) -> bool:
    """Whether the pages are here: people can sign in to them, and what they need can be asked."""
    client = settings.oidc_client_id and settings.oidc_client_secret
    return settings.auth and bool(settings.oidc_issuer is None or client) and _asked(settings, services)


def _asked(settings: Settings, services: Sequence[str]) -> bool:
    """Whether what the pages need can be."""
    elsewhere = list(services) == ["mypage"] and settings.api_url_ticket and settings.api_url_book
    return NEEDED.issubset(services) or bool(elsewhere)


def _ask(settings: Settings, services: Sequence[str], asking: InProcess, closing: AsyncExitStack) -> Ask:
    if NEEDED.issubset(services):
        return asking
    from apps.web_http import by_place  # aiohttp's client as well

    return by_place(settings, asking, closing)
