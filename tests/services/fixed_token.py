"""A credential that never changes, in the place of one that an OpenID provider gives."""

from __future__ import annotations

from attrs import frozen


@frozen
class FixedToken:
    value: str

    async def token(self) -> str:
        return self.value
