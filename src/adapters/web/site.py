"""What the pages are made of and for: given once, the same for every visit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import field, frozen

from adapters.web.asking import Ask, Follow
from adapters.web.bell import Bell
from adapters.web.language import Speaker
from adapters.web.look import Look, look
from adapters.web.sessions import Sessions
from myticket_core.money import KRW, Currency


class NotLetIn(Exception):
    """The provider does not give a token for this."""


class Provider(Protocol):
    """OpenID Connect's code flow with PKCE (RFC 7636, S256); `back` is the page of ours that it comes back to."""

    async def address(self, back: str, state: str, challenge: str, anew: bool) -> str:
        """Where a browser goes to sign in; `anew`: as somebody else, maybe, than who is signed in there. Raises
        NoAnswer.
        """

    async def token(self, code: str, verifier: str, back: str) -> str:
        """For the code that it came back with. Raises NoAnswer, NotLetIn."""


@frozen
class Site:
    """`sign_in` gives a token for a role and a number to whoever asks: for one's own machine. Elsewhere there is a
    `provider`, who knows people.

    `url` is where people reach the system, for what is printed and scanned.
    A page asks for `patience` seconds at most: less than the door gives it, so that it can still say what to do.
    `prefix` begins every message, and is left out where all of them are listed. `messages`: there is somebody to ask
    for them.
    `cards` are those of a sandbox to choose from; without them a card is typed in as the provider calls it.
    """

    ask: Ask
    follow: Follow
    sessions: Sessions
    sign_in: Callable[[str, int], str] | None
    url: str = ""
    currency: Currency = KRW
    cards: Sequence[str] = ()
    provider: Provider | None = None
    look: Look = field(factory=look)
    bell: Bell = field(factory=Bell)
    patience: float | None = None
    prefix: str = "Hello"
    messages: bool = True

    @property
    def tls_only(self) -> bool:
        """Whether people come by TLS; not to their own machine, where something else may want to be reached without."""
        return self.sessions.secure and self.url.startswith("https:")

    def speaker(self, language: str) -> Speaker:
        return Speaker(language, self.currency)
