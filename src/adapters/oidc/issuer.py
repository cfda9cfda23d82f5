"""What an issuer's discovery document has to be before anybody is sent where it says (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from myticket_core.errors import Unavailable

ASKED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def believed(document: Mapping[str, Any], issuer: str) -> Mapping[str, Any]:
    """The document. Raises Unavailable: it is of another issuer (4.3), or leads where the line can be listened to."""
    if document.get("issuer") != issuer:
        raise Unavailable(f"the discovery document of {issuer} is that of issuer {str(document.get('issuer'))[:200]!r}")
    for name in ASKED:
        if name in document and not _is_sealed(document[name], issuer):
            raise Unavailable(f"{name} of {issuer} is not an https URL: {str(document[name])[:200]!r}")
    return document


def _is_sealed(url: Any, issuer: str) -> bool:
    """Without TLS is at most an issuer on this machine, and what is on its host."""
    try:
        there, here = urlsplit(str(url)), urlsplit(issuer)
    except ValueError:
        return False
    return there.scheme == "https" or (there.scheme, there.hostname) == (here.scheme, here.hostname)
