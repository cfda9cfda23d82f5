"""At the door: what a scanned code is worth, and letting in who brings it, once."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from adapters.web.again import tried
from adapters.web.answers import Page, no_page
from adapters.web.naming import with_tickets
from adapters.web.visit import Visit


async def looked_at(visit: Visit) -> Page:
    """For the organizer whose ticket it is."""
    visit.need("organizer")
    if not _ours(visit):
        return await _forged(visit)
    booked = await visit.get(f"/books/{visit.id}")
    return await _shown(visit, booked, _worth(booked))


async def let_in(visit: Visit) -> Page:
    """Once per booking; pressing again, or asking again for a lost answer, is the same press."""
    visit.need("organizer")
    form = await visit.form()
    if not _ours(visit):
        return await _forged(visit)
    answer = await tried(visit, form, "POST", f"/books/{visit.id}/checkin", settled=("key_reused",))
    if answer.status == 200:
        return await _shown(visit, answer.said, "let_in")
    if answer.code not in ("checked_in", "not_booked"):
        raise no_page(answer)
    return await _shown(visit, await visit.get(f"/books/{visit.id}"), answer.code, answer.status)


async def _shown(visit: Visit, booked: Mapping[str, Any], outcome: str, status: int = 200) -> Page:
    """How the booking stands; `outcome` is what it is worth, or what the last press came to."""
    (booking,) = await with_tickets(visit, [booked])
    facts = {"booking": booking, "outcome": outcome, "seal": visit.params["name"]}
    return await visit.show("door.html", status, key=token_urlsafe(16), **facts)


async def _forged(visit: Visit) -> Page:
    return await visit.show("door.html", 404, booking=None)


def _ours(visit: Visit) -> bool:
    return visit.site.sessions.is_seal(visit.id, visit.params["name"])


def _worth(booked: Mapping[str, Any]) -> str:
    if booked["status"] != "BOOKED":
        return "not_booked"
    return "good" if booked["checkedInAt"] is None else "checked_in"
