"""What a ticket is called: the name its organizer has typed, as it is told to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import field, frozen

from myticket_core.notification.letter import UNSAID
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.values import in_one_line

OfTicket: TypeAlias = TicketRegistered | TicketChanged | TicketDeleted

LONGEST: Final = 100
"""Characters of a name that there is room for in a message."""


def _in_short(name: str | None) -> str | None:
    """A converter: in one line, cut off where there is no room, None where nothing is left."""
    line = in_one_line(name or "")
    return (line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…") or None


@frozen
class Title:
    """The name of a ticket in this version of it; 0: nobody counts them. None: it has no name."""

    ticket_id: int
    name: str | None = field(converter=_in_short)
    version: int = 0

    @classmethod
    def of(cls, said: OfTicket) -> Title | None:
        """None: nothing is said of that, as by the originals; who deletes a ticket does not take its name away."""
        if said.name is None and (said.version is None or isinstance(said, TicketDeleted)):
            return None
        return cls(said.id, said.name, said.version or 0)

    def heard_after(self, before: Title | None) -> Title:
        """What stands once both were heard: the greater version, of the same one the later."""
        return self if before is None or self.version >= before.version else before


def called(ticket_id: int | None, names: Mapping[int, str], language: str) -> str:
    """A ticket by its name and its number, or by the number alone.

    In Korean no particle that depends on the sound before it comes after the name, which may end in any.
    """
    name = None if ticket_id is None else names.get(ticket_id)
    number = UNSAID if ticket_id is None else ticket_id
    if language == "ko":
        return f"티켓 {number}번" if name is None else f"'{name}' 티켓({number}번)"
    return f"ticket {number}" if name is None else f'"{name}" (ticket {number})'
