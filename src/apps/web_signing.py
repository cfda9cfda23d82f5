"""How people sign in where an OpenID provider knows them."""

from __future__ import annotations

from attrs import frozen

from adapters.oidc.code import CodeFlow
from adapters.web.asking import NoAnswer
from adapters.web.site import NotLetIn
from myticket_core.errors import Unauthenticated, Unavailable


@frozen
class OpenId:
    """What the flow says, in the words of the pages."""

    flow: CodeFlow

    async def address(self, back: str, state: str, challenge: str, anew: bool) -> str:
        try:
            return await self.flow.address(back, state, challenge, anew)
        except Unavailable as error:
            raise NoAnswer(str(error)) from error

    async def token(self, code: str, verifier: str, back: str) -> str:
        try:
            return await self.flow.token(code, verifier, back)
        except Unavailable as error:
            raise NoAnswer(str(error)) from error
        except Unauthenticated as error:
            raise NotLetIn(str(error)) from error
