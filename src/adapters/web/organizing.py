"""R7, N4. An organizer's tickets: what is held, booked and left, and what came in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from adapters.web.answers import NoPage, Page
from adapters.web.visit import Visit

SIZE: Final = 10
NOTHING: Final = dict.fromkeys(("booked", "canceled", "captured", "kept", "pending", "refunded", "fees", "failed"), 0)
"""Of a ticket that the pages' service has not heard of yet."""


async def mine(visit: Visit) -> Page:
    """With `part`, the list alone. Without booking it says what the pages' service has heard."""
    visit.need("organizer")
    found = await visit.get("/guestManagementPages", sort="ticketId,desc", size=SIZE, page=visit.page)
    tickets = found["_embedded"]["guestManagementPages"]
    sales = await asyncio.gather(*(visit.glance(f"/sales/{it['ticketId']}") for it in tickets))
    rows = [{**it, "sale": sale, "bar": bar(sale)} for it, sale in zip(tickets, sales, strict=True)]
    if "part" in visit.query:
        return visit.part("sales.html", tickets=rows, page=found["page"])
    return await visit.show("organizer.html", tickets=rows, page=found["page"])


async def one(visit: Visit) -> Page:
    """With `part`, the figures alone."""
    visit.need("organizer")
    facts = await _facts(visit)
    if "part" in visit.query:
        return visit.part("figures.html", **facts)
    return await visit.show("organizer_ticket.html", **facts)


async def find_own_ticket(visit: Visit) -> Mapping[str, Any] | None:
    """The one in the path, of which everybody may see the terms, for its organizer; None: it is not there any more.

    Raises NoPage: it is somebody else's.
    """
    ticket = await visit.find(f"/tickets/{visit.id}")
    if ticket is not None and ticket["companyId"] != (visit.session and visit.session.number):
        raise NoPage(404, "not_there")
    return ticket


async def _facts(visit: Visit) -> dict[str, Any]:
    """Raises NoPage. A ticket that was just registered is known by ticket alone, a deleted one by the pages."""
    ticket, page, sale, inside = await asyncio.gather(
        visit.glance(f"/tickets/{visit.id}"),
        visit.find(f"/guestManagementPages/{visit.id}"),
        visit.glance(f"/sales/{visit.id}"),
        visit.glance(f"/sales/{visit.id}/checkins?size=1"),
    )
    if page is None:
        ticket = ticket or await visit.find(f"/tickets/{visit.id}")
    if page is None and (ticket is None or ticket["companyId"] != (visit.session and visit.session.number)):
        raise NoPage(404, "not_there")
    terms = ticket or page or {}
    figures = page or {**NOTHING, **terms}
    booked = [] if page is None else await _bookings(visit)
    deleted = ticket is None and terms["status"] == "DELETED"
    return {"id": visit.id, "deleted": deleted, "terms": terms, "figures": figures, "sale": sale, "bar": bar(sale),
            "bookings": booked, "inside": inside["page"]["totalElements"] if inside else 0}  # fmt: skip


async def _bookings(visit: Visit) -> list[Mapping[str, Any]]:
    found = await visit.get(f"/guestManagementPages/{visit.id}/bookings", sort="bookId,desc", size=20)
    bookings: list[Mapping[str, Any]] = found["_embedded"]["bookings"]
    return bookings


def bar(sale: Mapping[str, Any] | None) -> Mapping[str, int] | None:
    """Booked, and taken in all, in thousandths of the capacity; None: there is no end to it, or nobody knows yet."""
    if sale is None or not sale["capacity"]:
        return None
    capacity = max(sale["capacity"], sale["held"] + sale["booked"])
    booked, taken = 1000 * sale["booked"] // capacity, 1000 * (sale["booked"] + sale["held"]) // capacity
    return {"booked": booked, "taken": taken}
