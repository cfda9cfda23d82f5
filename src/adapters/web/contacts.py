"""R6, R7. Where one's messages go beside the list of them: said, confirmed, changed, silenced, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.web.again import tried
from adapters.web.answers import Page, no_page, to
from adapters.web.visit import Visit

EMAIL: Final = "/contacts/email"
DONE: Final = ("saved", "asked_again", "confirmed", "removed")
TOLD: Final[Mapping[tuple[str, str], str]] = {
    ("saved", "reached"): "saved",
    ("saved", "own"): "saved_silent",
    ("saved", "silenced"): "saved_silent",
    ("saved", "waiting"): "saved_waiting",
    ("asked_again", "waiting"): "asked_again",
    ("confirmed", "reached"): "confirmed",
    ("confirmed", "own"): "confirmed_silent",
    ("removed", "gone"): "removed",
}
"""What was done, by how things stand with the address: where that is done no more, nothing is told."""
TOO_MANY: Final = "too_many_confirmations"


async def mine(visit: Visit) -> Page:
    """A mail leads here with its code, which is taken when somebody presses the button: programs follow links too."""
    visit.need()
    return await _asked(visit)


async def put(visit: Visit) -> Page:
    visit.need()
    form = await visit.form()
    return await _put(visit, form, {"address": form.get("address", ""), "wanted": "wanted" in form}, "saved")


async def ask_again(visit: Visit) -> Page:
    """At the address that waits now: an older tab may show another one, which must not come back."""
    visit.need()
    form = await visit.form()
    known = await visit.find(EMAIL)
    if known is None or known["confirmed"] or not known["wanted"]:
        return to("/contacts")
    return await _put(visit, form, {"address": known["address"], "wanted": True}, "asked_again")


async def _put(visit: Visit, form: Mapping[str, str], said: Mapping[str, Any], done: str) -> Page:
    answer = await tried(visit, form, "PUT", EMAIL, said, settled=(TOO_MANY,))
    if answer.status == 400 or answer.code == TOO_MANY:
        return await _asked(visit, answer.status, said, "form_wrong" if answer.status == 400 else TOO_MANY)
    if answer.status != 200:
        raise no_page(answer)
    return to("/contacts", **{done: "1"})


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
    answer = await visit.ask("GET", EMAIL)
    if answer.status not in (200, 404):
        raise no_page(answer)
    known = answer.said if answer.status == 200 else None
    code = visit.query.get("code", "") if code is None else code
    if code and known is None:
        wrong = "wrong_code"
    facts = said or known or {"address": "", "wanted": True}
    return await visit.show(
        "contacts.html",
        status,
        address=facts["address"],
        wanted=facts["wanted"],
        known=known,
        sends=answer.said.get("sends", True),  # a service of before does not say
        code=code,
        done=_done(visit, known) if status == 200 else None,
        wrong=wrong,
    )


def _done(visit: Visit, known: Mapping[str, Any] | None) -> str | None:
    """What was done, and what it comes to as things stand: loaded again, a page may stand otherwise."""
    if known is None:
        stands = "gone"
    elif not known["confirmed"]:
        stands = "waiting" if known["wanted"] else "silenced"
    else:
        stands = "reached" if known["wanted"] else "own"
    return next((TOLD[done, stands] for done in DONE if done in visit.query and (done, stands) in TOLD), None)
