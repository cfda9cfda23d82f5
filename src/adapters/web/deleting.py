"""R2, R12. Deleting a ticket: what that would do, and how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from adapters.web.addresses import at
from adapters.web.answers import NoPage, Page, anew, no_page, to
from adapters.web.organizing import find_own_ticket
from adapters.web.visit import Visit

BEGUN: Final = "begun"
NOT_HEARD: Final = {"status": "preview", "campaign": None}


async def foreseen(visit: Visit) -> Page:
    """What is deleted already, in another tab or before one went back, is followed."""
    visit.need("organizer")
    ticket, preview = await asyncio.gather(find_own_ticket(visit), visit.find(f"/sales/{visit.id}/deletion"))
    if ticket is None:
        return to(f"/organizer/tickets/{visit.id}/deletion")
    return await visit.show("delete.html", id=visit.id, ticket=ticket, preview=preview)


async def delete(visit: Visit) -> Page:
    visit.need("organizer")
    await visit.form()
    answer = await visit.ask("DELETE", f"/tickets/{visit.id}")
    if answer.status not in (204, 404):
        raise no_page(answer)
    return to(f"/organizer/tickets/{visit.id}/deletion", **({BEGUN: "1"} if answer.status == 204 else {}))


async def progress(visit: Visit) -> Page:
    """With `part`, how far it is alone; when it has begun, been paused or ended since, the whole page.

    A ticket that is not deleted is not about to be.
    """
    visit.need("organizer")
    facts = await _facts(visit)
    if "part" not in visit.query:
        if facts["deletion"]["status"] == "preview" and await visit.glance(f"/tickets/{visit.id}"):
            return to(f"/organizer/tickets/{visit.id}/delete")
        return await visit.show("deletion.html", **facts)
    if visit.query.get("was") != facts["deletion"]["status"]:
        return anew(at(f"/organizer/tickets/{visit.id}/deletion"))
    return visit.part("progress.html", **facts)


async def steer(visit: Visit) -> Page:
    visit.need("organizer")
    form = await visit.form()
    answer = await visit.ask("PATCH", f"/sales/{visit.id}/deletion", {"paused": form.get("paused") == "true"})
    if answer.status != 200:
        raise no_page(answer)
    return to(f"/organizer/tickets/{visit.id}/deletion")


async def _facts(visit: Visit) -> dict[str, Any]:
    """What was given back indeed is what the pages' service has heard. Booking may not have heard of the ticket at all:
    where it is known to be deleted, by its organizer's page or as it was just done, that is about to begin. Raises
    NoPage.
    """
    deletion, page = await asyncio.gather(
        visit.find(f"/sales/{visit.id}/deletion"), visit.find(f"/guestManagementPages/{visit.id}")
    )
    begun = BEGUN in visit.query
    if deletion is None and page is None and not begun:
        raise NoPage(404, "not_there")
    deletion = deletion or NOT_HEARD
    return {"id": visit.id, "deletion": deletion, "page": page, "done": _done(deletion), "begun": begun,
            "unsettled": unsettled(deletion, page)}  # fmt: skip


def unsettled(deletion: Mapping[str, Any], page: Mapping[str, Any] | None) -> bool:
    """Whether it goes on by itself: the pages' service may not have heard yet of what is over, nor of its money."""
    if deletion["status"] != "over":
        return True
    return page is not None and (page["booked"] > 0 or page["pending"] > 0)


def _done(deletion: Mapping[str, Any]) -> int:
    """In thousandths."""
    campaign = deletion["campaign"]
    if campaign is None:
        return 0
    return 1000 * campaign["done"] // campaign["total"] if campaign["total"] else 1000
