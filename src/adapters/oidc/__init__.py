"""An OpenID provider, asked over HTTP: for its keys, and for a token of our own."""

from adapters.oidc.client import ClientCredentials
from adapters.oidc.jwks import HttpJwks

__all__ = ["ClientCredentials", "HttpJwks"]
