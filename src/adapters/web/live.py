"""Pages that change while somebody looks: what the API tells of one's own, handed on to their browser."""

from __future__ import annotations

from typing import Final

from adapters.web.answers import Page
from adapters.web.visit import Visit

STREAMS: Final = {"customer": "/mypages/stream", "organizer": "/guestManagementPages/stream"}
AT_ONCE: Final = ("x-accel-buffering", "no")


async def stream(visit: Visit) -> Page:
    """One for all of a page. Nobody is told anything, and does not go anywhere."""
    if visit.role is None:
        return Page(204, b"")
    return Page(200, b"", headers=(AT_ONCE,), events=visit.follow(STREAMS[visit.need()]))
