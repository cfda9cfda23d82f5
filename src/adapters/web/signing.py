"""Signing in as whoever one wants to be, on one's own machine, and out again."""

from __future__ import annotations

from typing import Final

from adapters.web.addresses import ours, whole
from adapters.web.sessions import Session
from adapters.web.visit import Page, Visit, to

ROLES: Final = ("customer", "organizer")


async def form(visit: Visit) -> Page:
    return await _asked(visit, visit.query)


async def sign_in(visit: Visit) -> Page:
    """Into another session, so that a cookie known from before is worth nothing."""
    said = await visit.form()
    role, number = said.get("role", ""), whole(said.get("number", ""))
    if role not in ROLES or number is None:
        return await _asked(visit, said, 400)
    visit.session = Session.new(visit.site.sign_in(role, number), role, number)
    return Page(303, b"", headers=[("location", ours(said.get("next", "")))])


async def sign_out(visit: Visit) -> Page:
    await visit.form()
    visit.session = None
    return to("/tickets")


async def _asked(visit: Visit, said: dict[str, str], status: int = 200) -> Page:
    return await visit.show("sign_in.html", status, said=said, roles=ROLES, wrong=status != 200)
