"""R4, N3. A ticket, what is left of it, and booking it, with everything that may come of that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

from adapters.web import agreeing, already, waiting
from adapters.web.addresses import at
from adapters.web.again import tried, was_sent
from adapters.web.answers import NoPage, Page, anew, no_page, to
from adapters.web.asking import Answer
from adapters.web.bookings import to_booking, wrong_card
from adapters.web.inquiry import GLANCE
from adapters.web.visit import Visit

UNKNOWN: Final[Mapping[str, Any]] = {"status": "unknown", "remaining": None}
"""How a ticket sells, while nobody can tell."""
RUSH: Final = 5.0
"""Seconds that a whole page waits for it: without it nothing can be booked, and in a rush booking is slow, not away."""


async def ticket(visit: Visit) -> Page:
    return await _shown(visit)


async def seats(visit: Visit) -> Page:
    """What is left. When it cannot be booked any more, or can again, the whole page is another one.

    While booking is away a page that is there stays as it is: somebody may be filling it in.
    """
    sale = await _sale(visit, GLANCE)
    place = await waiting.place(visit, sale)
    stand = _stand(sale, place)
    if visit.query.get("was") != stand:
        return Page(204, b"") if stand == "unknown" else anew(at(f"/tickets/{visit.id}"))
    return visit.part("seats.html", sale=sale, id=visit.id, stand=stand, place=place)


async def line(visit: Visit) -> Page:
    """Joining the line of a sold-out ticket, or leaving it. Whatever else has become of it, the ticket's page shows."""
    visit.need("customer")
    form = await visit.form()
    answer = await (waiting.left(visit) if form.get("leave") else waiting.joined(visit, form))
    if answer.code == "too_many_places":
        return await _shown(visit, answer.code, status=answer.status)
    if answer.status not in (200, 204, 404, 409):
        raise no_page(answer)
    return to(f"/tickets/{visit.id}")


async def book(visit: Visit) -> Page:
    """Once per form, however often it is sent; on the terms that it was made for, as long as they are the ticket's.

    On others it is asked once more, under its own key: a form that has booked before, unnoticed, books no second time.
    """
    visit.need("customer")
    form = await visit.form()
    if not was_sent(form) and await agreeing.changed(visit, form, GLANCE):
        return await _shown(visit, "terms_changed", 409, card=form.get("card"), key=form.get("key"))
    order = {
        "ticketId": int(visit.id),
        "price": form.get("price"),
        "startDate": form.get("starts") or None,
        "endDate": form.get("ends") or None,
        "paymentMethod": form.get("card") or None,
    }
    return await _outcome(visit, await tried(visit, form, "POST", "/books", order, settled=("pay_later",)), form)


async def _outcome(visit: Visit, answer: Answer, form: Mapping[str, str]) -> Page:
    """Once there is a booking, it is looked at; else it is said why there is none."""
    said = answer.said
    match answer.status, answer.code:
        case ((201 | 202), _):
            return to_booking(said["id"], answer)
        case (410, _) | (503, "pay_later") | (_, "another_payment"):
            return to_booking(said["bookId"], answer)
        case 404, _:
            raise NoPage(410, "outcome_closed")
        case _, "payment_declined" | "sold_out" | "price_changed" | "closed" | "too_many_holds":
            return await _shown(visit, answer.code, status=answer.status, facts=said, card=form.get("card"))
        case 400, _ if wrong_card(answer):
            return await _shown(visit, "wrong_card", status=answer.status, card=form.get("card"))
    raise no_page(answer)


async def _shown(
    visit: Visit,
    outcome: str | None = None,
    status: int = 200,
    facts: Mapping[str, Any] | None = None,
    card: str | None = None,
    key: str | None = None,
) -> Page:
    """`outcome` is why the last try was none; the next one is another, unless it has the same `key`. Raises NoPage."""
    found, sale, mine = await asyncio.gather(
        visit.find(f"/tickets/{visit.id}"), _sale(visit, RUSH), already.booked(visit)
    )
    if found is None:
        raise _gone(sale, outcome)
    place = await waiting.place(visit, sale)
    shown = {"ticket": found, "sale": sale, "id": visit.id, "stand": _stand(sale, place), "place": place}
    asks = {
        "cards": visit.site.cards,
        "key": key or token_urlsafe(16),
        "agreed": agreeing.shown(found),
        "card": card,
        "outcome": outcome,
        "facts": facts or {},
        "mine": mine,
    }
    return await visit.show("ticket.html", status, **shown, **asks)


def _gone(sale: Mapping[str, Any] | None, outcome: str | None) -> NoPage:
    """Of a deleted ticket, whose page was there; of one that nobody knows there was none."""
    if outcome is None and (sale is None or sale is UNKNOWN):
        return NoPage(404, "not_there")
    return NoPage(410, "outcome_closed" if outcome else "stand_closed")


async def _sale(visit: Visit, seconds: float) -> Mapping[str, Any] | None:
    """None: booking has not heard of it yet; UNKNOWN: booking is away. Raises NoPage."""
    answer = await visit.soon(f"/sales/{visit.id}", seconds)
    if answer is None:
        return UNKNOWN
    if answer.status not in (200, 404):
        raise no_page(answer)
    return answer.said if answer.status == 200 else None


def _stand(sale: Mapping[str, Any] | None, place: Mapping[str, Any] | None) -> str:
    """Whether it can be booked now; what booking has not heard of yet, it asks about."""
    if place is not None and place["status"] == "OFFERED":
        return "offered"
    if sale is None:
        return "open"
    if sale["status"] in ("closed", "unknown"):
        return str(sale["status"])
    return "sold_out" if sale["remaining"] == 0 else "open"
