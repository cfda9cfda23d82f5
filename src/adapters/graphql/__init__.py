"""GraphQL: Strawberry in front of the same use cases as REST, under the same policy: a second way in."""

from adapters.graphql.cases import Asker, Bookings, Payments, Tickets, UseCases
from adapters.graphql.graph import Answer, Graph, read_operations
from adapters.graphql.schema import SERVICES, Schema

__all__ = [
    "SERVICES",
    "Answer",
    "Asker",
    "Bookings",
    "Graph",
    "Payments",
    "Schema",
    "Tickets",
    "UseCases",
    "read_operations",
]
