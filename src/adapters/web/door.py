"""At the door: what a scanned code is worth, and letting in who brings it, once."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from adapters.web.answers import Page, no_page
from adapters.web.asking import NoAnswer
from adapters.web.bookings import names_of
from adapters.web.visit import Visit


async def looked_at(visit: Visit) -> Page:
    """For the organizer whose ticket it is."""
    visit.need("organizer")
    return await _shown(visit) if _ours(visit) else await _forged(visit)


async def let_in(visit: Visit) -> Page:
    """Once per booking; pressing again, or asking again for a lost answer, is the same press."""
    visit.need("organizer")
    form = await visit.form()
    if not _ours(visit):
        return await _forged(visit)
    try:
        answer = await visit.ask("POST", f"/books/{visit.id}/checkin", key=form.get("key"))
    except NoAnswer:
        return await _shown(visit, "in_doubt", 503, form.get("key"))
    if answer.status != 200 and answer.code not in ("checked_in", "not_booked"):
        raise no_page(answer)
    return await _shown(visit, "let_in" if answer.status == 200 else answer.code, answer.status)


async def _shown(visit: Visit, outcome: str | None = None, status: int = 200, key: str | None = None) -> Page:
    """How the booking stands now; `outcome` is what the last press came to."""
    booked = await visit.get(f"/books/{visit.id}")
    names = await names_of(visit, {booked["ticketId"]})
    facts = {"booking": booked, "names": names, "outcome": outcome or _worth(booked)}
    return await visit.show("door.html", status, key=key or token_urlsafe(16), seal=visit.params["name"], **facts)


async def _forged(visit: Visit) -> Page:
    return await visit.show("door.html", 404, booking=None)


def _ours(visit: Visit) -> bool:
    return visit.site.sessions.is_seal(visit.id, visit.params["name"])


def _worth(booked: Mapping[str, Any]) -> str:
    if booked["status"] != "BOOKED":
        return "not_booked"
    return "good" if booked["checkedInAt"] is None else "checked_in"
