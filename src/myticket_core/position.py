"""How far something has come that was said in events: what a command answers, and a page can be asked to have seen."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from myticket_core.errors import Invalid

SOURCES: Final = ("book", "pay", "ticket")
_WRITTEN: Final = re.compile(rf"({'|'.join(SOURCES)}):([1-9][0-9]{{0,15}}):([1-9][0-9]{{0,15}})")


@frozen
class Position:
    """What `source` said under `key`, up to and with `version`. Pay's key is the booking, as in its events."""

    source: str
    key: int
    version: int

    def __str__(self) -> str:
        return f"{self.source}:{self.key}:{self.version}"

    @classmethod
    def read(cls, member: str, text: str) -> Position:
        """As it was written. Raises Invalid, with this member."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise Invalid(member, text, "what a command answered in X-Version, like book:5:2")
        return cls(found[1], int(found[2]), int(found[3]))
