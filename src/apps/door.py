"""Who is let in, and from where: decided before anything is opened."""

from __future__ import annotations

import ipaddress

from apps.failures import CannotRun
from apps.settings import Settings


class NotOutside(CannotRun):
    """This way of knowing who asks is for one's own machine."""


def check(settings: Settings, host: str) -> None:
    """Development tokens and no authentication at all stay on loopback. Raises NotOutside."""
    if is_loopback(host):
        return
    if settings.auth and settings.oidc_issuer is None:
        raise NotOutside(
            f"cannot listen on {host} with the development tokens, which are for loopback only; "
            "set MYTICKET_OIDC_ISSUER to your OpenID provider, or listen on 127.0.0.1"
        )
    if not settings.auth and not settings.trusted_mesh:
        raise NotOutside(
            f"cannot listen on {host} with MYTICKET_AUTH=off: anybody could do anything; "
            "set MYTICKET_TRUSTED_MESH=1 if something in front authenticates, or listen on 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
