"""How services reach others that are other processes: book pay and ticket, alarm and my page the originals."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from time import monotonic
from typing import Final

from attrs import define

from adapters.rest.client_catalog import HttpCatalog
from adapters.rest.client_owners import HttpOwners
from adapters.rest.client_payments import Credential, HttpPayments
from apps.failures import CannotRun
from apps.settings import Settings
from apps.tokens import issue
from myticket_core.access import Role
from myticket_core.booking.ports import Payments, TicketCatalog
from myticket_core.ports import Owners

LIFETIME: Final = timedelta(minutes=5)


def payments(settings: Settings, url: str, closing: AsyncExitStack) -> Payments:
    """Raises CannotRun: it is not said how pay is to know the book service."""
    asked = HttpPayments(url, settings.payment_timeout_seconds, credential(settings), settings.payment_at_once)
    closing.push_async_callback(asked.close)
    return asked


def catalog(url: str, closing: AsyncExitStack) -> TicketCatalog:
    asked = HttpCatalog(url)
    closing.push_async_callback(asked.close)
    return asked


def owners(named: Mapping[str, str], closing: AsyncExitStack) -> Owners:
    """`named`: the URLs of book and pay, as far as they are asked."""
    asked = HttpOwners(named)
    closing.push_async_callback(asked.close)
    return asked


def credential(settings: Settings) -> Credential | None:
    """What book shows to pay: nothing in a trusted mesh, a token of the OpenID provider, or one of development."""
    if not settings.auth:
        return None
    if settings.oidc_issuer is None:
        return DevelopmentToken(settings)
    if not (settings.oidc_token_url and settings.oidc_client_id and settings.oidc_client_secret):
        raise CannotRun(
            "pay lets in only who has a token of role service: set OIDC_TOKEN_URL, OIDC_CLIENT_ID and "
            "OIDC_CLIENT_SECRET (or OIDC_CLIENT_SECRET_FILE) to get one with"
        )
    from adapters.oidc import ClientCredentials

    return ClientCredentials(settings.oidc_token_url, settings.oidc_client_id, settings.oidc_client_secret)


@define
class DevelopmentToken:
    """Of the issuer in the data folder, which pay has in common with book; used for half its life."""

    settings: Settings
    _kept: str = ""
    _until: float = 0.0

    async def token(self) -> str:
        if monotonic() >= self._until:
            self._kept = issue(self.settings, Role.SERVICE, None, None, int(LIFETIME.total_seconds()))
            self._until = monotonic() + LIFETIME.total_seconds() / 2
        return self._kept
