"""Events, commands and what ties them together: ids, cause, correlation, version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeAlias, TypeVar, dataclass_transform

import attrs
from attrs import frozen

from myticket_core.values import millis

State = TypeVar("State")
Class = TypeVar("Class", bound=type)


class Event:
    """Something that happened, in the past tense, in JSON primitives; every member but `id` may be missing.

    `version` counts what the aggregate has told so far: 1, 2, 3 … without a gap. None: the sender keeps no count.
    """

    SOURCE: ClassVar[str]  # the service that says it
    KEY: ClassVar[str] = "id"  # the member whose value keeps the order

    if TYPE_CHECKING:
        id: int
        version: int | None

        def __init__(self, *, id: int, version: int | None, **members: Any) -> None: ...


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field,))
def event(cls: Class) -> Class:
    """An immutable event class, all members by name."""
    return frozen(kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field,))
def command(cls: Class) -> Class:
    """An immutable command class, all members by name. Its validators raise Invalid."""
    return frozen(kw_only=True)(cls)


Decision: TypeAlias = tuple[State, tuple[Event, ...]]
"""What a decision returns: the new state and the facts to tell, stored together or not at all."""

Decide: TypeAlias = Callable[[State], Decision[State]]
"""A pure, synchronous decision. It may run again after a conflict; what it raises leaves nothing behind."""


@frozen
class Cause:
    """Why something changes. Copied onto everything that follows from it.

    `key` is the caller's idempotency key, already scoped to the caller; `fingerprint` tells whether a repeat of
    the key asks the same thing. `consumer` and `at`, when it was said, are set when an event is the cause:
    (consumer, id) is handled once.
    """

    id: str
    correlation_id: str
    key: str | None = None
    fingerprint: str = ""
    consumer: str | None = None
    at: datetime | None = None


@frozen
class Kept(Generic[State]):
    """What a once-only write has stored; `repeated` when an earlier call with the same key had stored it."""

    state: State
    repeated: bool = False


@frozen
class Envelope:
    """An event on its way: what happened, to what, when, because of what. `data` holds the wire's members."""

    id: str
    type: str
    source: str
    key: str
    data: Mapping[str, Any]
    time: datetime
    correlation_id: str
    causation_id: str | None = None
    version: int | None = None

    @classmethod
    def seal(cls, event: Event, cause: Cause, id: str, at: datetime) -> Self:
        """Put an event in its envelope; adapters call it when they store the event with the state."""
        data = {camel(name): value for name, value in attrs.asdict(event, recurse=False).items()}  # type: ignore[arg-type]
        return cls(
            id=id,
            type=type(event).__name__,
            source=event.SOURCE,
            key=str(data[camel(event.KEY)]),
            version=data.pop("version"),
            data=data,
            time=at,
            correlation_id=cause.correlation_id,
            causation_id=cause.id,
        )

    def cause(self, consumer: str) -> Cause:
        """The cause of whatever `consumer` does about this event."""
        return Cause(id=self.id, correlation_id=self.correlation_id, consumer=consumer, at=self.time)


AnyEvent = TypeVar("AnyEvent", bound=Event)


def opened(envelope: Envelope, kind: type[AnyEvent]) -> AnyEvent:
    """The event in the envelope. Members it does not know are ignored; what is missing or unreadable is None.

    Numbers as strings and ISO dates are read, as the originals read them.
    """
    fields = [field for field in attrs.fields(kind) if field.name != "version"]  # type: ignore[arg-type]
    members: dict[str, Any] = {field.name: _read(envelope.data.get(camel(field.name)), field.type) for field in fields}
    return kind(version=envelope.version, **members)


def _read(value: object, kind: object) -> object:
    if "int" not in str(kind):
        return value if isinstance(value, str) else None
    if isinstance(value, str):
        return _number(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    try:
        return millis(datetime.fromisoformat(text))
    except (ValueError, TypeError):
        return None


@cache
def camel(name: str) -> str:
    """ticket_id → ticketId, as on the wire."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)
