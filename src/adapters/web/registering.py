"""R1. Registering a ticket, and changing its terms."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

from adapters.web.again import tried
from adapters.web.answers import Page, no_page, to
from adapters.web.asking import Answer
from adapters.web.language import meant, over, sent, typed
from adapters.web.organizing import find_own_ticket
from adapters.web.visit import Visit
from myticket_core.errors import Invalid
from myticket_core.messages import asked_as
from myticket_core.ticket.register import Register
from myticket_core.values import LARGEST

DATES: Final = ("startDate", "endDate", "cancelUntil")
NUMBERS: Final = ("price", "capacity", "cancelFeePercent")
FIELDS: Final[Mapping[str, str]] = {
    "name": "name", "price": "price", "capacity": "capacity", "startDate": "starts", "endDate": "ends",
    "cancelUntil": "cancel_until", "cancelFeePercent": "cancel_fee_percent",
}  # fmt: skip
"""As they stand on the page, and what the core calls them."""
NOTHING_WRONG: Final[Mapping[str, str]] = {}
WAS: Final = "was-"
"""Before the name of a field: what it said at first."""


async def new(visit: Visit) -> Page:
    visit.need("organizer")
    return await _asked(visit, {"key": token_urlsafe(16)})


async def register(visit: Visit) -> Page:
    """Once per form, however often it is sent. What is over already nobody could book, and few mean: the API takes it,
    as from the originals' clients.
    """
    visit.need("organizer")
    form = await visit.form()
    if last := _over(form):
        return await _asked(visit, form, 400, {**_wrong(form), last: f"over_{last}"})
    answer = await tried(visit, form, "POST", "/tickets", _terms(form))
    if answer.status == 201:
        return to(f"/organizer/tickets/{answer.said['id']}")
    return await _again(visit, answer, form)


async def edit(visit: Visit) -> Page:
    """What is deleted has a page still, which says so."""
    visit.need("organizer")
    ticket = await find_own_ticket(visit)
    if ticket is None:
        return to(f"/organizer/tickets/{visit.id}")
    said = {name: "" if ticket[name] is None else str(ticket[name]) for name in ("name", *NUMBERS)}
    said |= {name: typed(ticket[name]) for name in DATES}
    return await _asked(visit, said | {WAS + name: term for name, term in said.items()}, id=visit.id)


async def change(visit: Visit) -> Page:
    """What was changed in the form, and no more: others may have changed the rest, and it shows no seconds."""
    visit.need("organizer")
    form = await visit.form()
    changed = {name: term for name, term in _terms(form).items() if form.get(name, "") != form.get(WAS + name)}
    answer = await tried(visit, form, "PATCH", f"/tickets/{visit.id}", changed) if changed else None
    if answer is None or answer.status in (200, 404):
        return to(f"/organizer/tickets/{visit.id}")
    return await _again(visit, answer, form, id=visit.id)


def _terms(form: Mapping[str, str]) -> dict[str, Any]:
    """An empty field is null; one that is wrong goes as it is, and the API says so."""
    terms: dict[str, Any] = {"name": form.get("name") or None}
    terms |= {name: form.get(name) or None for name in NUMBERS}
    return terms | {name: sent(form.get(name, "")) for name in DATES}


async def _again(visit: Visit, answer: Answer, form: Mapping[str, str], id: str | None = None) -> Page:
    """The form as it was sent, with all that is wrong in it. Raises NoPage: it is not about the form."""
    if answer.status != 400:
        raise no_page(answer)
    member = str(answer.said.get("member", "body"))
    return await _asked(visit, form, 400, {**_wrong(form), member: f"wrong_{member}"}, id)


def _wrong(form: Mapping[str, str]) -> dict[str, str]:
    """All that the core does not take, asked about each field and then about the others together: the API tells one."""
    terms = _read(form)
    alone = {name for name in FIELDS if _refused({name: terms[name]})}
    together = _refused({name: term for name, term in terms.items() if name not in alone})
    return {name: f"wrong_{name}" for name in FIELDS if name in alone or name == together}


def _refused(terms: Mapping[str, Any]) -> str | None:
    """The first that no ticket can be registered with."""
    try:
        Register(company_id=1, **{"price": 0, **{FIELDS[name]: term for name, term in terms.items()}})
    except Invalid as wrong:
        return asked_as(wrong.member)
    return None


def _read(form: Mapping[str, str]) -> dict[str, Any]:
    """As the core takes it; what says no number or no moment stays as it is, and is refused."""
    terms: dict[str, Any] = {"name": form.get("name") or None}
    terms |= {name: _number(form.get(name, "")) for name in NUMBERS}
    return terms | {name: meant(form.get(name, "")) or form.get(name) or None for name in DATES}


def _number(said: str) -> int | str | None:
    """Of more digits than the largest it is none that a ticket has."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= len(str(LARGEST)) else said or None


def _over(form: Mapping[str, str]) -> str | None:
    """The field by which it is over already: when it ends, or begins where it has no end."""
    last = next((name for name in ("endDate", "startDate") if form.get(name)), "")
    return last if over(meant(form.get(last, ""))) else None


async def _asked(
    visit: Visit,
    said: Mapping[str, str],
    status: int = 200,
    wrong: Mapping[str, str] = NOTHING_WRONG,
    id: str | None = None,
) -> Page:
    """`wrong`: by the names of fields, what is said of each."""
    first = next((name for name in FIELDS if name in wrong), None)
    return await visit.show("terms.html", status, said=said, wrong=wrong, first=first, id=id)
