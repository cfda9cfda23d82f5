"""Every field that reads or does something: which action of the policy it is, which service's, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any, Final, TypeVar, Union

import strawberry
from strawberry.extensions import FieldExtension

from adapters.graphql.asking import Info
from adapters.graphql.problems import GUARDED, PUBLIC, Doubtful, Problem, problem_of
from myticket_core.access import ANYONE, Action, Scope
from myticket_core.errors import MyticketError

ACTION: Final = "action"
OF: Final = "of"
"""Metadata of a field: its action, and the service that knows it."""

Resolver = TypeVar("Resolver", bound=Callable[..., Awaitable[Any]])


class Guarded(FieldExtension):
    """The resolver is called only for whom the policy lets; what it raises on purpose becomes one of `problems`."""

    def __init__(self, action: Action, problems: tuple[type[Problem], ...]) -> None:
        self.action, self.problems = action, problems

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: Info, **arguments: Any) -> Any:
        try:
            info.context.owner(self.action)
            return await next_(source, info, **arguments)
        except MyticketError as error:
            problem = problem_of(error)
            if isinstance(problem, self.problems):
                return problem
            raise


def answers(name: str, action: Action, of: str, *kinds: type) -> Callable[[Resolver], Any]:
    """A field of a root: one of `kinds`, of which problems are told as such; those that all have come by themselves."""
    problems = PUBLIC if action in ANYONE else GUARDED
    every = (*kinds, *(kind for kind in problems if kind not in kinds))
    union = one_of(f"{name}Result", every)
    known = tuple(kind for kind in every if issubclass(kind, Problem))

    def made(resolver: Resolver) -> Any:
        return strawberry.field(
            resolver=resolver,
            graphql_type=union | None,
            description=resolver.__doc__,
            extensions=[Guarded(action, known)],
            metadata={ACTION: action, OF: of},
        )

    return made


def does(name: str, action: Action, of: str, *kinds: type) -> Callable[[Resolver], Any]:
    """A field of Mutation: the same, and it may be in doubt whether it has happened."""
    return answers(name, action, of, *kinds, Doubtful)


def one_of(name: str, kinds: Sequence[type]) -> Any:
    """A union that is made at run time."""
    union: Any = Union
    return Annotated[union[tuple(kinds)], strawberry.union(name)]


def nested(action: Action, of: str, kind: Any) -> Callable[[Resolver], Any]:
    """A field of something else that is read apart: null when there is none, or none that the asker may see."""

    def made(resolver: Resolver) -> Any:
        return strawberry.field(
            resolver=resolver, graphql_type=kind, description=resolver.__doc__, metadata={ACTION: action, OF: of}
        )

    return made


def unsaid(kind: Any) -> Mapping[str, Any]:
    """Of a thing of which only the id is known, all that is not read apart."""
    return {it.name: None for it in fields(kind) if it.init and it.name != "id"}


def owner(info: Info) -> Scope:
    """Whose things the field in hand may see and touch. Raises Unauthenticated, Forbidden."""
    action: Action = info._field.metadata[ACTION]
    return info.context.owner(action)
