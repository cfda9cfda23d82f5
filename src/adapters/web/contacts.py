"""R6, R7. Where one's messages go beside the list of them: said, confirmed, changed, silenced, taken back."""

from __future__ import annotations

from typing import Any, Final

from adapters.web.again import tried
from adapters.web.answers import Page, no_page, to
from adapters.web.visit import Visit

EMAIL: Final = "/contacts/email"
DONE: Final = ("saved", "confirmed", "removed")
TOO_MANY: Final = "too_many_confirmations"


async def mine(visit: Visit) -> Page:
    """A mail leads here with its code, which is taken when somebody presses the button: programs follow links too."""
    visit.need()
    return await _asked(visit)


async def put(visit: Visit) -> Page:
    visit.need()
    form = await visit.form()
    said = {"address": form.get("address", ""), "wanted": "wanted" in form}
    answer = await tried(visit, form, "PUT", EMAIL, said, settled=(TOO_MANY,))
    if answer.status == 400 or answer.code == TOO_MANY:
        return await _asked(visit, answer.status, said, "form_wrong" if answer.status == 400 else TOO_MANY)
    if answer.status != 200:
        raise no_page(answer)
    return to("/contacts", saved="1")


async def confirm(visit: Visit) -> Page:
    visit.need()
    form = await visit.form()
    code = "".join(form.get("code", "").split()).lower()
    answer = await tried(visit, form, "POST", f"{EMAIL}/confirmation", {"code": code})
    if answer.status in (400, 404, 409):
        return await _asked(visit, answer.status, wrong="wrong_code", code=form.get("code", ""))
    if answer.status != 200:
        raise no_page(answer)
    return to("/contacts", confirmed="1")


async def remove(visit: Visit) -> Page:
    visit.need()
    await visit.form()
    answer = await visit.ask("DELETE", EMAIL)
    if answer.status not in (204, 404):
        raise no_page(answer)
    return to("/contacts", removed="1")


async def _asked(
    visit: Visit, status: int = 200, said: Any = None, wrong: str | None = None, code: str | None = None
) -> Page:
    """With what was `said`, or what is known: that may be some other address."""
    known = await visit.find(EMAIL)
    code = visit.query.get("code", "") if code is None else code
    if code and known is None:
        wrong = "wrong_code"
    facts = said or known or {"address": "", "wanted": True}
    done = next((it for it in DONE if it in visit.query and status == 200), None)
    return await visit.show(
        "contacts.html",
        status,
        address=facts["address"],
        wanted=facts["wanted"],
        known=known,
        code=code,
        done=done,
        wrong=wrong,
    )
