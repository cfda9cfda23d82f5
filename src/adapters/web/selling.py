"""How a ticket sells from day to day, and who comes: a chart, and lists to take along."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from attrs import frozen

from adapters.web.answers import Page
from adapters.web.visit import Visit
from myticket_core.values import KOREA

DAYS: Final = 14
HIGH: Final = 100
"""Of the highest bar."""
WIDE: Final = 20
"""Of each, with the gap behind it."""
CHUNK: Final = 1000
CAME: Final = 400
"""Of those who were let in: an answer of another process has 64 KiB at most."""
MANY: Final = 100
"""Bookings to be counted whenever one of them changes."""
MEMBERS: Final = ("bookId", "customerId", "price", "status", "paymentStatus", "checkedInAt")


@frozen
class Bar:
    x: int
    height: int
    count: int
    day: str


async def chart(visit: Visit) -> Page:
    """Of many bookings it is rarely asked."""
    visit.need("organizer")
    found = await visit.find(f"/guestManagementPages/{visit.id}/days")
    if found is None:
        return Page(204, b"")  # my page has not heard of the ticket yet; it is asked again then
    days = {date.fromisoformat(it["day"]): it["booked"] for it in found["days"]}
    bars = _bars(days, datetime.now(KOREA).date())
    facts = {"total": sum(bar.count for bar in bars), "most": max(bar.count for bar in bars)}
    return visit.part("chart.html", id=visit.id, bars=bars, many=sum(days.values()) > MANY, **facts)


async def attendees_csv(visit: Visit) -> Page:
    coming = await _coming(visit)
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(MEMBERS)
    writer.writerows([it[name] for name in MEMBERS] for it in coming)
    return _saved(visit, lines.getvalue(), "csv", "text/csv; charset=utf-8")


async def attendees_json(visit: Visit) -> Page:
    coming = [{name: it[name] for name in MEMBERS} for it in await _coming(visit)]
    return _saved(visit, json.dumps(coming), "json", "application/json")


async def _coming(visit: Visit) -> Sequence[Mapping[str, Any]]:
    """All whose bookings stand, by number, and when they came."""
    visit.need("organizer")
    booked = await _every(visit, f"/guestManagementPages/{visit.id}/bookings", "bookings", CHUNK)
    inside = await _every(visit, f"/sales/{visit.id}/checkins", "checkins", CAME)
    came = {it["bookId"]: it["checkedInAt"] for it in inside}
    return [{**it, "checkedInAt": came.get(it["bookId"])} for it in booked if it["status"] == "BOOKED"]


async def _every(visit: Visit, path: str, listed: str, size: int) -> list[Mapping[str, Any]]:
    """Of a list, however many pages it has. Raises NoPage."""
    found: list[Mapping[str, Any]] = []
    number, pages = 0, 1
    while number < pages:
        part = await visit.get(path, sort="bookId,asc", size=size, page=number)
        found += part["_embedded"][listed]
        number, pages = number + 1, part["page"]["totalPages"]
    return found


def _saved(visit: Visit, body: str, kind: str, media: str) -> Page:
    name = ("content-disposition", f'attachment; filename="attendees-{visit.id}.{kind}"')
    return Page(200, body.encode(), media, (name,))


def _bars(counts: Mapping[date, int], last: date) -> list[Bar]:
    days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    most = max(counts.get(day, 0) for day in days) or 1
    return [
        Bar(place * WIDE, round(HIGH * counts.get(day, 0) / most), counts.get(day, 0), f"{day.month}/{day.day}")
        for place, day in enumerate(days)
    ]
