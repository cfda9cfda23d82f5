"""The line for a sold-out ticket: one's place in it, joining and leaving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.web.addresses import asked
from adapters.web.asking import Answer
from adapters.web.naming import with_tickets
from adapters.web.visit import Visit

STANDING: Final = ("WAITING", "OFFERED")
MANY: Final = 100
"""Places, of which those that are left or taken are some."""


async def place(visit: Visit, sale: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A buyer's in the line of a ticket, of which seats may have come free meanwhile; None: they do not wait, or not
    any more. Whose page has the form already had none: they are not asked about every two seconds.
    """
    if visit.role != "customer" or sale is None or sale["status"] == "unknown":
        return None
    if sale["remaining"] != 0 and visit.query.get("was") == "open":
        return None
    found = await visit.find(f"/sales/{visit.id}/waiting")
    return found if found is not None and found["status"] in STANDING else None


async def lines(visit: Visit) -> Sequence[Mapping[str, Any]] | None:
    """Those that a buyer stands in, the latest first, or has a seat from that is not paid; None: nobody says it now."""
    found = await visit.glance(asked("/sales/waiting", {"sort": "id,desc", "size": MANY}))
    if found is None:
        return None
    return await with_tickets(visit, [it for it in found["_embedded"]["waiting"] if it["status"] in STANDING])


async def joined(visit: Visit, form: Mapping[str, str]) -> Answer:
    """What is offered then is a booking for these dates."""
    dates = {"startDate": form.get("starts") or None, "endDate": form.get("ends") or None}
    return await visit.ask("PUT", f"/sales/{visit.id}/waiting", dates)


async def left(visit: Visit) -> Answer:
    return await visit.ask("DELETE", f"/sales/{visit.id}/waiting")
