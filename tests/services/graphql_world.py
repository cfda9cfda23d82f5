"""The world of REST's tests with its graph beside it: all in one, or what one service has of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import httpx

from adapters.graphql import (
    Answer,
    Asker,
    Bookings,
    Graph,
    Notifications,
    Pages,
    Payments,
    Schema,
    Tickets,
    UseCases,
    Watch,
)
from adapters.graphql.schema import _action
from adapters.memory import MemoryPages
from adapters.rest import Limits
from apps.graphs import graph_route, part
from apps.places import SERVICES
from tests.services.rest_world import World

schema = cache(Schema)
LOOK = 0.005
"""Seconds between two looks for what has changed."""


class GraphWorld(World):
    """`services`: whose graph it is; `said` are further options of the graph."""

    def __init__(self, services: Sequence[str] = SERVICES, limits: Limits | None = None, **said: Any) -> None:
        super().__init__(more=[graph_route(self)], limits=limits)  # type: ignore[arg-type]
        self.graph = Graph(schema(tuple(services)), self.use_cases(services), self.clock, **said)

    async def answer(self, raw: bytes, asker: Asker) -> Answer:
        """As the graph does, which is made after the application."""
        return await self.graph.answer(raw, asker)

    def use_cases(self, services: Sequence[str]) -> UseCases:
        ticket, book, pay, alarm, mypage = self.apis()
        pages = MemoryPages(self.dbs["mypage"])
        every = {
            "ticket": part(Tickets, ticket, many=self.tickets.many),
            "book": part(
                Bookings, book, sales=self.sales.many, watch=Watch(self.bookings.many, attrgetter("id"), LOOK)
            ),
            "pay": part(Payments, pay, many=self.payments.of_bookings),
            "alarm": part(Notifications, alarm),
            "mypage": part(Pages, mypage, watch=Watch(pages.many, attrgetter("booking_id"), LOOK)),
        }
        return UseCases(**{name: every[name] for name in services})

    async def post(self, who: str | None, query: str, **variables: Any) -> httpx.Response:
        return await self.ask(who, "POST", "/graphql", {"query": query, "variables": variables})

    async def say(self, who: str | None, query: str, **variables: Any) -> Any:
        """The one root field's value, of a document that was carried out without errors."""
        answer = await self.post(who, query, **variables)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert "errors" not in body, body
        (value,) = body["data"].values()
        return value


def actions(of: Schema) -> Iterator[tuple[str, str, Any]]:
    """(type, field, its action or None) of every field that is not merely a member of what another one read."""
    roots = (of._schema.query_type, of._schema.mutation_type, of._schema.subscription_type)
    for name, kind, field in of._fields():
        definition = field.extensions.get("strawberry-definition")
        if kind in roots or (definition is not None and definition.base_resolver is not None):
            yield kind.name, name, _action(field)


def browser_input(browser: Mapping[str, Any]) -> str:
    """What REST is told of a browser, as the graph reads it."""
    said = {"endpoint": browser["endpoint"], **browser["keys"]}
    return "{" + ", ".join(f'{name}: "{value}"' for name, value in said.items()) + "}"
