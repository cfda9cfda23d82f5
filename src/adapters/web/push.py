"""R6, R7. Messages that the browser shows by itself, also while no page is open: asked for and ended here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from adapters.web.answers import NoPage, Page, Stale, no_page, to
from adapters.web.asking import Answer
from adapters.web.visit import Visit

PATH: Final = "/contacts/push"
ENDING: Final = 2.0
"""Seconds that signing out waits for it."""
_BROWSER: Final = re.compile(r"[0-9a-f]{32}")


async def offered(visit: Visit) -> Mapping[str, Any] | None:
    """The key to subscribe with, and which browsers are; None: nothing is pushed here, or it cannot be told now."""
    found = await visit.glance(f"{PATH}/key")
    mine = await visit.glance(PATH) if found else None
    if found is None or mine is None:
        return None
    return {"key": found["key"], "known": [it["id"] for it in mine["_embedded"]["subscriptions"]]}


async def known(visit: Visit) -> Page:
    """Which browsers show one's own messages; nothing: it cannot be told now, or there is nobody to tell it."""
    try:
        found = await offered(visit) if visit.role else None
    except Stale:
        found = None
    return Page(204, b"") if found is None else Page(200, json.dumps(found["known"]).encode(), "application/json")


async def end(visit: Visit, browser: str) -> None:
    """Before one signs out, whom it does not hold up when it fails."""
    if _BROWSER.fullmatch(browser):
        with suppress(Stale):
            await visit.soon(f"{PATH}/{browser}", ENDING, "DELETE")


async def change(visit: Visit) -> Page:
    visit.need()
    answer = await _asked(visit, await visit.form())
    if answer.status not in (200, 204, 404):
        raise no_page(answer)
    return to("/messages")


async def _asked(visit: Visit, form: Mapping[str, str]) -> Answer:
    """`on`: a subscription as the browser gives it; `off`: the name of one. Raises NoPage."""
    if _BROWSER.fullmatch(form.get("off", "")):
        return await visit.ask("DELETE", f"{PATH}/{form['off']}")
    try:
        return await visit.ask("PUT", PATH, json.loads(form.get("on", "")))
    except (ValueError, RecursionError):
        raise NoPage(400, "not_so") from None
