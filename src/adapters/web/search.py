"""R3. What is on sale, and looking through it."""

from __future__ import annotations

from typing import Any, Final

from adapters.web.addresses import asked
from adapters.web.answers import Page, no_page
from adapters.web.language import now
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
    said = visit.query
    answer = await visit.ask("GET", asked("/tickets", _wanted(visit)))
    if answer.status not in (200, 400):
        raise no_page(answer)
    found = answer.said if answer.status == 200 else {}
    tickets = found.get("_embedded", {}).get("tickets", [])
    facts = {"said": said, "tickets": tickets, "page": found.get("page"), "orders": list(ORDERS)}
    return await visit.show("tickets.html", answer.status, wrong=answer.said.get("member"), **facts)


def _wanted(visit: Visit) -> dict[str, Any]:
    """Days are Korea's; without one, what is over by now is left out."""
    said = visit.query
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
        "page": visit.page,
    }
