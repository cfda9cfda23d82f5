"""An OpenID provider's keys, asked over HTTP."""

from adapters.oidc.jwks import HttpJwks

__all__ = ["HttpJwks"]
