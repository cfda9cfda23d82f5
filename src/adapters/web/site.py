"""What the pages are made of and for: given once, the same for every visit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import field, frozen

from adapters.web.asking import Ask
from adapters.web.look import Look
from adapters.web.sessions import Sessions


@frozen
class Site:
    """`sign_in` gives a token for a role and a number to whoever asks: for one's own machine.

    `url` is where people reach the system, for what is printed and scanned.
    `cards` are those of a sandbox to choose from; without them a card is typed in as the provider calls it.
    """

    ask: Ask
    sessions: Sessions
    sign_in: Callable[[str, int], str]
    url: str = ""
    currency: str = "KRW"
    cards: Sequence[str] = ()
    look: Look = field(factory=Look)
