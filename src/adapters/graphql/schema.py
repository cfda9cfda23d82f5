"""One set of types; each service's schema has what that service knows, the whole system's has everything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import strawberry
from graphql import GraphQLError, GraphQLObjectType, OperationType, get_named_type
from strawberry.federation import Schema as FederatedSchema
from strawberry.federation.schema import FederationAny
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from adapters.graphql.asking import Info
from adapters.graphql.booking_types import Booking, booking_reference
from adapters.graphql.bookings import BookingMutations, BookingQueries
from adapters.graphql.browsers import BrowserMutations, BrowserQueries
from adapters.graphql.checkins import CheckInMutations, CheckInQueries
from adapters.graphql.contacts import ContactMutations, ContactQueries
from adapters.graphql.deletions import DeletionMutations, DeletionQueries
from adapters.graphql.guarded import ACTION, OF, one_of
from adapters.graphql.notifications import NotificationMutations, NotificationQueries
from adapters.graphql.pages import PageQueries
from adapters.graphql.payments import Payment, PaymentMutations, PaymentQueries, payment_reference
from adapters.graphql.prices import COMMAND, LIST, PLAIN, READ, Costs, Price
from adapters.graphql.scalars import SCALARS, whole
from adapters.graphql.subscriptions import Subscription
from adapters.graphql.ticket_types import Ticket, ticket_reference
from adapters.graphql.tickets import TicketMutations, TicketQueries
from adapters.graphql.waiting import WaitingMutations, WaitingQueries
from myticket_core.errors import NotFound

KEY: Final = "id"
ENTITIES: Final[Mapping[str, tuple[type, ...]]] = {
    "ticket": (Ticket,),
    "book": (Booking, Ticket),
    "pay": (Payment, Booking),
}
"""What each service knows something of, by its key."""
REFERENCES: Final[Mapping[str, Callable[[Any, int], Awaitable[Any]]]] = {
    "Ticket": ticket_reference,
    "Booking": booking_reference,
    "Payment": payment_reference,
}
"""What a gateway may ask for by its key."""


@strawberry.type
class Query(
    TicketQueries,
    BookingQueries,
    CheckInQueries,
    WaitingQueries,
    DeletionQueries,
    PaymentQueries,
    NotificationQueries,
    ContactQueries,
    BrowserQueries,
    PageQueries,
):
    pass


@strawberry.type
class Mutation(
    TicketMutations,
    BookingMutations,
    CheckInMutations,
    WaitingMutations,
    DeletionMutations,
    PaymentMutations,
    NotificationMutations,
    ContactMutations,
    BrowserMutations,
):
    pass


@strawberry.type(name="_Service")
class _Service:
    sdl: str


class Schema(FederatedSchema):
    """What `services` know: their root fields, their types, and of others' types the key and what they add to it."""

    def __init__(self, services: Sequence[str]) -> None:
        self.services = frozenset(services)
        self.entities = tuple({kind: None for it in services for kind in ENTITIES.get(it, ())})
        super().__init__(
            query=Query,
            mutation=self._if_known(Mutation),
            subscription=self._if_known(Subscription),
            types=self.entities,
            config=StrawberryConfig(scalar_map=SCALARS),
        )

    def _if_known(self, root: type) -> type | None:
        return root if any(self._known(it) for it in _definition(root).fields) else None

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        whose = getattr(type_definition.origin, "OF", None)
        return [it for it in type_definition.fields if self._known(it, whose)]

    def _known(self, field: StrawberryField, whose: str | None = None) -> bool:
        of = field.metadata.get(OF, whose)
        return of is None or of in self.services or field.python_name == KEY

    def _get_federation_query_type(self, query: Any, *_: Any) -> type:
        """Strawberry's own would take for entities whatever can be reached, also what is left out here."""
        fields: list[Any] = [strawberry.field(name="_service", resolver=self._service)]
        if self.entities:
            union: Any = one_of("_Entity", self.entities)
            fields.append(strawberry.field(name="_entities", resolver=self._entities, graphql_type=list[union | None]))
        for field, name in zip(fields, ("_service", "_entities"), strict=False):
            field.python_name = name
        return strawberry.type(type("Query", (create_type("Query", fields), query), {}))

    def _service(self) -> _Service:
        return _Service(sdl=print_schema(self))

    async def _entities(self, info: Info, representations: list[FederationAny]) -> Any:
        """What is not there, or not the asker's, is null; who may not ask for one of them is told so of that one."""
        return await asyncio.gather(*(self._entity(info, it) for it in representations), return_exceptions=True)

    async def _entity(self, info: Info, said: Any) -> Any:
        kind = said.get("__typename") if isinstance(said, dict) else None
        if not isinstance(kind, str) or kind not in REFERENCES or kind not in self._schema.type_map:
            raise GraphQLError(f"a representation has a __typename of {', '.join(REFERENCES)} and its {KEY}")
        try:
            return await REFERENCES[kind](info, whole(said.get(KEY)))
        except NotFound:
            return None

    def costs(self) -> Costs:
        schema = self._schema
        roots = {it: root.name for it in OperationType if (root := schema.get_root_type(it))}
        return Costs({(kind.name, name): self._price(kind, name, it) for name, kind, it in self._fields()}, roots)

    def _price(self, kind: GraphQLObjectType, name: str, field: Any) -> Price:
        paged = "first" in field.args
        own = PLAIN
        if kind is self._schema.mutation_type:
            own = COMMAND
        elif _action(field) or name == "_entities":
            own = LIST if paged else READ
        return Price(own, get_named_type(field.type).name, paged)

    def _fields(self) -> Iterator[tuple[str, GraphQLObjectType, Any]]:
        for kind in self._schema.type_map.values():
            if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
                for name, field in kind.fields.items():
                    yield name, kind, field


def _action(field: Any) -> Any:
    definition = field.extensions.get("strawberry-definition")
    return None if definition is None else definition.metadata.get(ACTION)


def _definition(kind: Any) -> StrawberryObjectDefinition:
    definition: StrawberryObjectDefinition = kind.__strawberry_definition__
    return definition
