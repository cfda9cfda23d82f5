"""R8, R7. Buyers and organizers see their pages change: what changed since, for all who listen, at one look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from myticket_core.errors import Invalid
from myticket_core.mypage.model import BookingPage, OrganizerPage

_WRITTEN: Final = re.compile(r"([1-9][0-9]{0,8})\.([0-9]{1,16})")


@frozen
class Mark:
    """How far one has seen changes of a view: up to and with the number `position`."""

    view: int
    position: int

    def __str__(self) -> str:
        return f"{self.view}.{self.position}"

    @classmethod
    def read(cls, member: str, text: str) -> Mark:
        """As it was written. Raises Invalid, with this member."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise Invalid(member, text, "the id of an event that was sent before, like 1.5")
        return cls(int(found[1]), int(found[2]))

    def after(self, now: Mark) -> int:
        """Where to go on: at the beginning, which is the current state, when this is no mark of what is shown now."""
        return self.position if self.view == now.view and self.position <= now.position else 0


@frozen
class Watched:
    """Whose bookings' pages, and whose tickets'; None among them: everybody's."""

    customers: frozenset[int | None] = frozenset()
    companies: frozenset[int | None] = frozenset()


@frozen
class Changed:
    """The pages as they are now, bookings' in the order in which they changed; and how far this goes."""

    mark: Mark
    bookings: Sequence[BookingPage] = ()
    tickets: Sequence[OrganizerPage] = ()
