"""A booking as something to hold: a page to print with a code to scan, and an entry of a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from adapters.web.addresses import BASE, at
from adapters.web.answers import NoPage, Page
from adapters.web.language import read
from adapters.web.naming import with_tickets
from adapters.web.visit import Visit
from myticket_core.values import in_one_line

LINE: Final = 73
"""Octets of a line of a calendar, less what makes it go on (RFC 5545, 3.1)."""


async def shown(visit: Visit) -> Page:
    from markupsafe import Markup
    from segno import make

    booked = await _booked(visit)
    code = make(f"{visit.site.url}{BASE}/door/{visit.id}/{visit.site.sessions.seal(visit.id)}", error="m")
    drawn = Markup(code.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None))
    return await visit.show("eticket.html", booking=booked, code=drawn)


async def calendar(visit: Visit) -> Page:
    booked = await _booked(visit)
    if booked["startDate"] is None:
        raise NoPage(404, "not_there")
    called = in_one_line(booked["name"] or "") or visit.speaker.text("ticket_number", id=booked["ticketId"])
    url = f"{visit.site.url}{at(f'/bookings/{visit.id}')}"
    body = "".join(f"{line}\r\n" for line in _entry(booked, called, url, datetime.now(UTC)))
    saved = ("content-disposition", f'attachment; filename="booking-{visit.id}.ics"')
    return Page(200, body.encode(), "text/calendar; charset=utf-8", (saved,))


async def _booked(visit: Visit) -> Mapping[str, Any]:
    """Raises NoPage: it does not stand."""
    visit.need("customer")
    booked = await visit.get(f"/books/{visit.id}")
    if booked["status"] != "BOOKED":
        raise NoPage(404, "no_eticket")
    (booking,) = await with_tickets(visit, [booked])
    return booking


def _entry(booked: Mapping[str, Any], called: str, url: str, now: datetime) -> Iterator[str]:
    """RFC 5545. It is stamped `now`, as it says what holds now: by that a calendar knows which of two is newer."""
    starts, ends = (_utc(read(booked[name])) for name in ("startDate", "endDate"))
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//myticket//pages//EN", "BEGIN:VEVENT")
    yield f"UID:booking-{booked['id']}@myticket"
    yield f"DTSTAMP:{_utc(now)}"
    yield f"DTSTART:{starts}"
    if ends > starts:  # it MUST be later (3.8.2.2)
        yield f"DTEND:{ends}"
    yield from _folded(f"SUMMARY:{_text(called)}")
    yield from _folded(f"URL:{url}")
    yield from ("STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR")


def _utc(at: datetime | None) -> str:
    """To the second; nothing for none."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(said: str) -> str:
    for sign in ("\\", ";", ","):
        said = said.replace(sign, f"\\{sign}")
    return said


def _folded(line: str) -> Iterator[str]:
    """In parts of 75 octets at most, no character cut through."""
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + width
    yield part
