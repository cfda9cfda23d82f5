"""The same world asked by GraphQL: what the story asks of REST is put to the graph, whose answer is told as REST's.

Each request goes to the graph of whoever serves the path, so that the five processes have five graphs.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from adapters.rest.problems import TITLES
from tests.e2e.system import Answer

Found = TypeVar("Found")
Told = Callable[[Any], Any]


class Graphs(Protocol):
    async def graph(self, path: str, who: str | None, body: Any) -> Answer:
        """Posted to /graphql of who serves `path`."""

    async def eventually(self, there: Callable[[], Awaitable[Found]]) -> Found: ...


@frozen
class Wish:
    """What is said to the graph, and how what comes of it is told in REST's words."""

    document: str
    status: int = 200
    told: Told = lambda found: found


def listed(name: str) -> Told:
    return lambda found: {"_embedded": {name: found["nodes"]}}


def in_words(found: Any) -> Any:
    return {**found, "status": found["status"].lower()}


_PAGE: Final = "ticketId name status booked canceled captured kept pending refunded fees failed"
WISHES: Final[Mapping[str, Wish]] = {
    "POST /tickets": Wish(
        "mutation($body: NewTicket!) { registerTicket(ticket: $body) { ... on TicketRegistered { ticket { id } } } }",
        201,
        lambda found: found["ticket"],
    ),
    "DELETE /tickets/{id}": Wish("mutation($id: Long!) { deleteTicket(id: $id) { __typename } }", 204),
    "GET /tickets/{id}": Wish("query($id: Long!) { ticket(id: $id) { ... on Ticket { id } } }"),
    "GET /tickets": Wish(
        "query($text: String!) {"
        " tickets(where: {text: $text, available: true}) { ... on TicketConnection { nodes { id } } } }",
        told=listed("tickets"),
    ),
    "POST /books": Wish(
        "mutation($body: NewBooking!) { book(booking: $body) { ... on Booked { booking { id status } } } }",
        201,
        lambda found: found["booking"],
    ),
    "DELETE /books/{id}": Wish("mutation($id: Long!) { cancelBooking(id: $id) { __typename } }", 204),
    "GET /books": Wish("{ bookings { ... on BookingConnection { nodes { id } } } }", told=listed("books")),
    "GET /books/{id}/cancellation": Wish(
        "query($id: Long!) { cancellation(id: $id) { ... on Cancellation { possible fee refund } } }"
    ),
    "GET /sales/{id}": Wish("query($id: Long!) { sale(ticketId: $id) { ... on Sale { held booked } } }"),
    "GET /sales/{id}/deletion": Wish(
        "query($id: Long!) { deletion(ticketId: $id) { ... on Deletion {"
        " status booked { bookings money } canceled { bookings money } } } }",
        told=in_words,
    ),
    "GET /payments/search/findByBookId": Wish(
        "query($bookId: Long!) { paymentOfBooking(bookId: $bookId) { ... on Payment { status } } }",
        told=lambda found: {"_embedded": {"payments": [found]}},
    ),
    "GET /notifications": Wish(
        "query($size: Int!) { notifications(first: $size) { ... on NotificationConnection { nodes { message } } } }",
        told=listed("notifications"),
    ),
    "GET /mypages/{id}": Wish(
        "query($id: Long!) { bookingPage(bookId: $id) { ... on BookingPage { ticketId status paymentStatus price } } }"
    ),
    "GET /guestManagementPages/{id}": Wish(
        f"query($id: Long!) {{ ticketPage(ticketId: $id) {{ ... on TicketPage {{ {_PAGE} }} }} }}"
    ),
}


@frozen
class OverGraphql:
    graphs: Graphs

    async def ask(self, method: str, path: str, who: str | None = None, body: Any = None) -> Answer:
        said, number = re.subn(r"/(\d+)", "/{id}", urlsplit(path).path)
        wish = WISHES[f"{method} {said}"]
        variables = {
            name: _number(value) for name, value in parse_qsl(urlsplit(path).query) if f"${name}" in wish.document
        }
        variables |= {"id": int(re.findall(r"/(\d+)", path)[0])} if number else {}
        variables |= {} if body is None else {"body": body}
        answer = await self.graphs.graph(path, who, {"query": _or_why(wish.document), "variables": variables})
        assert answer.status == 200, answer
        assert "errors" not in answer.body, answer
        (found,) = answer.body["data"].values()
        if "code" in found:
            return Answer(TITLES[found["code"]][0], found, answer.headers)
        return Answer(wish.status, wish.told(found), answer.headers)

    async def eventually(self, there: Callable[[], Awaitable[Found]]) -> Found:
        return await self.graphs.eventually(there)


def _or_why(document: str) -> str:
    """Its root field, which ends last but one, may also be a problem."""
    return re.sub(r" } }$", " ... on Problem { code message } } }", document)


def _number(text: str) -> str | int:
    return int(text) if text.isdigit() else text
