"""A booking as something to hold: a page to print with a code to scan, and an entry of a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Final

from adapters.web.addresses import BASE, at
from adapters.web.answers import NoPage, Page
from adapters.web.language import read
from adapters.web.naming import with_tickets
from adapters.web.visit import Visit

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
    called = (booked["name"] or "").strip() or visit.speaker.text("ticket_number", id=booked["ticketId"])
    body = "".join(f"{line}\r\n" for line in _entry(booked, called, f"{visit.site.url}{at(f'/bookings/{visit.id}')}"))
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


def _entry(booked: Mapping[str, Any], called: str, url: str) -> Iterator[str]:
    """RFC 5545."""
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//myticket//pages//EN", "BEGIN:VEVENT")
    yield f"UID:booking-{booked['id']}@myticket"
    yield f"DTSTAMP:{_utc(booked['createdAt'])}"
    yield f"DTSTART:{_utc(booked['startDate'])}"
    if booked["endDate"]:
        yield f"DTEND:{_utc(booked['endDate'])}"
    yield from _folded(f"SUMMARY:{_text(called)}")
    yield from _folded(f"URL:{url}")
    yield from ("STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR")


def _utc(said: str) -> str:
    moment = read(said)
    assert moment is not None, "it was there"
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


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
