"""GraphQL: Strawberry in front of the same use cases as REST, under the same policy: a second way in."""

from adapters.graphql.cases import Asker, Bookings, Notifications, Pages, Payments, Tickets, UseCases
from adapters.graphql.graph import Answer, Graph
from adapters.graphql.requests import read_operations
from adapters.graphql.schema import Schema
from adapters.graphql.sockets import PROTOCOL, Closing, Session
from adapters.graphql.watching import Watch

__all__ = [
    "PROTOCOL",
    "Answer",
    "Asker",
    "Bookings",
    "Closing",
    "Graph",
    "Notifications",
    "Pages",
    "Payments",
    "Schema",
    "Session",
    "Tickets",
    "UseCases",
    "Watch",
    "read_operations",
]
