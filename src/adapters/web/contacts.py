"""R6, R7. Where one's messages go beside the list of them: said, changed, silenced, taken back."""

from __future__ import annotations

from typing import Final

from adapters.web.again import tried
from adapters.web.answers import Page, no_page, to
from adapters.web.visit import Visit

EMAIL: Final = "/contacts/email"


async def mine(visit: Visit) -> Page:
    visit.need()
    known = await visit.find(EMAIL)
    address, wanted = (known["address"], known["wanted"]) if known else ("", True)
    return await _asked(visit, address, wanted, known=known is not None)


async def put(visit: Visit) -> Page:
    visit.need()
    form = await visit.form()
    address, wanted = form.get("address", ""), "wanted" in form
    answer = await tried(visit, form, "PUT", EMAIL, {"address": address, "wanted": wanted})
    if answer.status == 400:
        return await _asked(visit, address, wanted, known=await visit.find(EMAIL) is not None, status=400)
    if answer.status != 200:
        raise no_page(answer)
    return to("/contacts", saved="1")


async def remove(visit: Visit) -> Page:
    visit.need()
    await visit.form()
    answer = await visit.ask("DELETE", EMAIL)
    if answer.status not in (204, 404):
        raise no_page(answer)
    return to("/contacts", removed="1")


async def _asked(visit: Visit, address: str, wanted: bool, known: bool, status: int = 200) -> Page:
    """`known`: some address is stored, whether or not it is this one."""
    facts = {"address": address, "wanted": wanted, "known": known, "wrong": status == 400}
    done = next((it for it in ("saved", "removed") if it in visit.query and status == 200), None)
    return await visit.show("contacts.html", status, done=done, **facts)
