"""Who is believed: an OpenID provider, the development issuer of a data folder, or a mesh in front."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from adapters.rest import DevelopmentIssuer, Tokens, TokenVerifier, TrustedMesh, jwks_route
from adapters.rest.development import AUDIENCE, FILE, ISSUER
from adapters.system import SystemClock
from apps import places
from apps.failures import CannotRun
from apps.settings import Settings
from myticket_core.access import Role

log = structlog.get_logger("myticket")


def issue(settings: Settings, role: str, company_id: int | None, customer_id: int | None, seconds: int) -> str:
    """A token of the development issuer, whose key is made when the data folder has none yet."""
    places.make(settings.data)
    return issuer(settings).token(Role(role), company_id, customer_id, timedelta(seconds=seconds))


def believed(settings: Settings) -> tuple[Tokens, list[Any]]:
    """Who judges the tokens, and the routes that go with it."""
    clock = SystemClock()
    if not settings.auth:
        log.warning("nobody is asked who they are: MYTICKET_AUTH=off")
        return TrustedMesh(), []
    if settings.oidc_issuer is not None:
        from adapters.oidc import HttpJwks  # aiohttp's client costs a start more than it needs

        keys = HttpJwks(settings.oidc_issuer, settings.oidc_jwks_url)
        return TokenVerifier(keys, settings.oidc_issuer, settings.oidc_audience, clock), []
    known = issuer(settings)
    return TokenVerifier(known, ISSUER, AUDIENCE, clock), [jwks_route(known)]


def issuer(settings: Settings) -> DevelopmentIssuer:
    """The development issuer of the data folder. Raises CannotRun."""
    try:
        return DevelopmentIssuer.kept_in(settings.data, SystemClock())
    except OSError as error:
        raise CannotRun(f"{settings.data / FILE} cannot be used: {error.strerror}") from error
    except ValueError as error:
        raise CannotRun(f"{settings.data / FILE} is no key: remove it to have a new one made ({error})") from error
