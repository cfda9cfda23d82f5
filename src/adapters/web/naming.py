"""What the tickets are called that one has booked or waits for, and when they are, as of now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.web.visit import Visit


async def with_tickets(visit: Visit, booked: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Each with the `name` of its ticket, and with its dates as they are now: a booking has those its buyer sent.

    Where the ticket has none, is gone, or ticket does not say so now, they are as booked.
    """
    order = sorted({it["ticketId"] for it in booked})
    known = dict(zip(order, await asyncio.gather(*(_now(visit, id) for id in order)), strict=True))
    return [{**it, **known[it["ticketId"]]} for it in booked]


async def _now(visit: Visit, id: int) -> Mapping[str, Any]:
    return await told(visit, id, await visit.glance(f"/tickets/{id}"))


async def told(visit: Visit, id: int, ticket: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Of one that is gone the name that booking knows; None: nobody says it now."""
    if ticket is None:
        sale = await visit.glance(f"/sales/{id}")
        return {"name": sale and sale["name"]}
    dated = ticket["startDate"] or ticket["endDate"]
    return {name: ticket[name] for name in (("name", "startDate", "endDate") if dated else ("name",))}
