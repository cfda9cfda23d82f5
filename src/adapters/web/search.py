"""R3. What is on sale, and looking through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.web.addresses import asked
from adapters.web.answers import Page, no_page
from adapters.web.language import now, today
from adapters.web.visit import Visit

SIZE: Final = 12
ORDERS: Final = {
    "soon": "startDate,asc",
    "new": "id,desc",
    "cheap": "price,asc",
    "dear": "price,desc",
}


async def search(visit: Visit) -> Page:
    """What cannot be searched for is said, and the rest of the form stays as it is."""
    said = {name: term.strip() for name, term in visit.query.items()}
    answer = await visit.ask("GET", asked("/tickets", _wanted(said, visit.page)))
    if answer.status not in (200, 400):
        raise no_page(answer)
    found = answer.said if answer.status == 200 else {}
    crossed = _crossed(said) if found else None
    tickets = found.get("_embedded", {}).get("tickets", [])
    facts = {"said": said, "tickets": tickets, "page": found.get("page"), "orders": list(ORDERS)}
    wrong = crossed or answer.said.get("member")
    return await visit.show("tickets.html", 400 if crossed else answer.status, wrong=wrong, crossed=crossed, **facts)


def _wanted(said: Mapping[str, str], page: int) -> dict[str, Any]:
    """Days are Korea's; without one, what is over by now is left out."""
    begins, ends = said.get("from"), said.get("to")
    return {
        "text": said.get("text"),
        "priceFrom": said.get("priceFrom"),
        "priceTo": said.get("priceTo"),
        "from": f"{begins}T00:00:00+09:00" if begins else now(),
        "to": f"{ends}T23:59:59+09:00" if ends else None,
        "available": "true" if said.get("available") else None,
        "sort": ORDERS.get(said.get("order", ""), ORDERS["soon"]),
        "size": SIZE,
        "page": page,
    }


def _crossed(said: Mapping[str, str]) -> str | None:
    """Where it ends before it begins, though each is one: then there is nothing to find."""
    if (ends := said.get("to")) and ends < (said.get("from") or today()):
        return "to"
    least, most = said.get("priceFrom"), said.get("priceTo")
    return "priceTo" if least and most and int(most) < int(least) else None
