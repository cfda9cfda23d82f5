"""Who is let in, and from where: decided before anything is opened."""

from __future__ import annotations

from urllib.parse import urlsplit

from apps.failures import CannotRun
from apps.setting_addresses import is_loopback, is_sealed
from apps.settings import Settings


class NotOutside(CannotRun):
    """This way of knowing who asks is for one's own machine."""


def check(settings: Settings, host: str | None) -> None:
    """Development tokens and no authentication at all stay on loopback, and a provider is asked over TLS.

    `host` None: another server listens, and does not say where. Raises NotOutside, CannotRun.
    """
    _nobody_on_the_line(settings)
    if near(settings):
        _nothing_in_front(settings)
    if host is not None and is_loopback(host):
        return
    where, here = (f"listen on {host}", "listen on 127.0.0.1") if host else ("be served", "use `myticket serve`")
    if settings.development_tokens:
        raise NotOutside(
            f"cannot {where} with the development tokens, which are for loopback only; "
            f"set MYTICKET_OIDC_ISSUER to your OpenID provider, or {here}"
        )
    if not settings.auth and not settings.trusted_mesh:
        raise NotOutside(
            f"cannot {where} with MYTICKET_AUTH=off: anybody could do anything; "
            f"set MYTICKET_TRUSTED_MESH=1 if something in front authenticates, or {here}"
        )


def near(settings: Settings) -> bool:
    """Whether only this machine's own user may ask: anybody could say who they are, or nobody is asked."""
    return settings.development_tokens or not (settings.auth or settings.trusted_mesh)


def _nobody_on_the_line(settings: Settings) -> None:
    """Who can listen to what a provider says can say who is believed. Raises CannotRun."""
    for name in ("oidc_issuer", "oidc_jwks_url", "oidc_token_url"):
        url = getattr(settings, name)
        if url is not None and not is_sealed(url) and not settings.trusted_mesh:
            raise CannotRun(
                f"{name.upper()} is {url}: anybody on the way could say whose tokens are believed; "
                "let it be https, or set MYTICKET_TRUSTED_MESH=1 if something else seals the line"
            )


def _nothing_in_front(settings: Settings) -> None:
    """A proxy on this machine would let everybody in. Raises NotOutside."""
    outside = settings.public_url is not None and not is_loopback(urlsplit(settings.public_url).hostname or "")
    if outside or settings.trusted_proxies:
        raise NotOutside(
            f"{'PUBLIC_URL' if outside else 'TRUSTED_PROXIES'} says that others ask too, and they could be anybody: "
            "set MYTICKET_OIDC_ISSUER to your OpenID provider, or MYTICKET_AUTH=off and MYTICKET_TRUSTED_MESH=1 if "
            "something in front authenticates"
        )
