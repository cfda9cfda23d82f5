"""An OpenID provider, asked over HTTP: for its keys, and for a token of our own."""

from adapters.oidc.client import ClientCredentials, FixedToken
from adapters.oidc.jwks import HttpJwks

__all__ = ["ClientCredentials", "FixedToken", "HttpJwks"]
