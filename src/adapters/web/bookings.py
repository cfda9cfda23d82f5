"""R8, R9, N3, N4. One's own bookings: how they stand, paying later, and canceling."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

from adapters.web import waiting
from adapters.web.addresses import asked, at
from adapters.web.again import tried
from adapters.web.answers import Page, anew, no_page, to
from adapters.web.asking import Answer
from adapters.web.naming import told, with_tickets
from adapters.web.visit import Visit

SIZE: Final = 10
WITHDRAWN: Final = "the organizer deleted the ticket"
"""The reason that book says of what a deletion canceled."""
RETURNING: Final = frozenset({"APPROVED", "CANCELING"})
"""Of what is canceled: the money is still here, or under way."""


async def mine(visit: Visit) -> Page:
    """From where they are kept, so that what was just done is there. With `part`, the list alone; on its first page
    also the lines that one stands in.
    """
    visit.need("customer")
    found = await visit.get("/books", sort="id,desc", size=SIZE, page=visit.page)
    booked = await with_tickets(visit, found["_embedded"]["books"])
    if "part" in visit.query:
        return visit.part("mine.html", bookings=booked, page=found["page"])
    places = None if visit.page else await waiting.lines(visit)
    return await visit.show("bookings.html", bookings=booked, page=found["page"], places=places)


async def lines(visit: Visit) -> Page:
    """The lines alone, which stay as they are while nobody can tell; nothing when one stands in none any more."""
    visit.need("customer")
    places = await waiting.lines(visit)
    return Page(204, b"") if places is None else visit.part("lines.html", places=places)


async def one(visit: Visit) -> Page:
    visit.need("customer")
    return await _shown(visit, "payment_pending" if "checking" in visit.query else None)


async def state(visit: Visit) -> Page:
    """How it stands now. When something else can be done with it, the whole page is another one."""
    visit.need("customer")
    facts = await _facts(visit)
    if visit.query.get("was") != facts["booking"]["status"]:
        return anew(at(f"/bookings/{visit.id}"))
    return visit.part("state.html", **facts)


async def pay(visit: Visit) -> Page:
    """Taking the payment up again. Whatever it comes to, the booking shows it."""
    visit.need("customer")
    form = await visit.form()
    order = {"paymentMethod": form.get("card") or None}
    answer = await tried(visit, form, "POST", f"/books/{visit.id}/payment", order, settled=("pay_later",))
    if answer.code == "pay_later":
        return await _shown(visit, answer.code, answer.status)
    if wrong_card(answer):
        return await _shown(visit, "wrong_card", answer.status)
    if answer.status < 300 or answer.code in ("expired", "payment_declined", "void", "another_payment"):
        return to_booking(visit.id, answer)
    raise no_page(answer)


def wrong_card(answer: Answer) -> bool:
    """Whether what was typed or pasted cannot be a card's name: nothing was tried."""
    return answer.status == 400 and answer.said.get("member") == "paymentMethod"


def to_booking(id: Any, answer: Answer) -> Page:
    """To see what paying it came to. That its payment is in doubt is no state of a booking: the address says it."""
    return to(f"/bookings/{id}", **({"checking": "1"} if answer.status == 202 else {}))


async def foreseen(visit: Visit) -> Page:
    visit.need("customer")
    return await _foreseen(visit)


async def cancel(visit: Visit) -> Page:
    """On the terms that the page showed; when these are others by now, it shows them."""
    visit.need("customer")
    form = await visit.form()
    answer = await visit.ask("DELETE", asked(f"/books/{visit.id}", {"fee": form.get("fee")}))
    if answer.code in ("too_late", "checked_in", "fee_changed"):
        return await _foreseen(visit, answer.code, answer.status)
    if answer.status not in (204, 404):
        raise no_page(answer)
    return to(f"/bookings/{visit.id}")


async def _foreseen(visit: Visit, outcome: str | None = None, status: int = 200) -> Page:
    """What it costs is said, and asked for, as the first of the two answers has it: the other may be older or newer."""
    meaning, booked = await asyncio.gather(
        visit.get(f"/books/{visit.id}/cancellation"), visit.get(f"/books/{visit.id}")
    )
    (booking,) = await with_tickets(visit, [booked])
    return await visit.show("cancel.html", status, meaning=meaning, booking=booking, outcome=outcome)


async def _shown(visit: Visit, outcome: str | None = None, status: int = 200) -> Page:
    """`outcome` is why it is not paid yet, which is told as long as it is not."""
    facts = await _facts(visit)
    ticket, meaning = await asyncio.gather(
        visit.glance(f"/tickets/{facts['booking']['ticketId']}"), visit.glance(f"/books/{visit.id}/cancellation")
    )
    facts["booking"] = {**facts["booking"], **await told(visit, facts["booking"]["ticketId"], ticket)}
    cancelable = meaning is None or meaning["possible"]
    asks = {"outcome": outcome, "key": token_urlsafe(16), "cards": visit.site.cards, "cancelable": cancelable}
    return await visit.show("booking.html", status, ticket=ticket, **facts, **asks)


async def _facts(visit: Visit) -> dict[str, Any]:
    """`shown` is what the pages' service has heard of it so far, if anything."""
    booked, shown = await asyncio.gather(visit.get(f"/books/{visit.id}"), _heard(visit))
    withdrawn = booked["status"] == "CANCELED" and booked["reason"] == WITHDRAWN
    return {"booking": booked, "shown": shown, "unsettled": unsettled(booked, shown), "withdrawn": withdrawn}


async def _heard(visit: Visit) -> Mapping[str, Any] | None:
    """Without the pages' service a booking is shown all the same."""
    return await visit.glance(f"/customerManagementPages/{visit.id}")


def unsettled(booked: Mapping[str, Any], shown: Mapping[str, Any] | None) -> bool:
    """Whether it will change without anybody doing anything, if only by what the pages' service is still to hear."""
    if booked["status"] == "PENDING":
        return True
    if booked["status"] == "DECLINED":
        return False
    if shown is None or shown["status"] != booked["status"] or (booked["paymentId"] and not shown["paymentStatus"]):
        return True
    return booked["status"] != "BOOKED" and shown["paymentStatus"] in RETURNING
