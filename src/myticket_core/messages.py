"""Events, commands and what ties them together: ids, cause, correlation, version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeAlias, TypeVar, dataclass_transform

import attrs
from attrs import evolve, frozen

from myticket_core.values import kept, millis

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


def as_it_is(state: State) -> Decision[State]:
    """The decision to change nothing."""
    return state, ()


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
        data = {member.wire: getattr(event, member.name) for member in _members(type(event))}
        return cls(
            id=id,
            type=type(event).__name__,
            source=event.SOURCE,
            key=str(getattr(event, event.KEY)),
            version=event.version,
            data=data,
            time=at,
            correlation_id=cause.correlation_id,
            causation_id=cause.id,
        )

    @classmethod
    def heard(cls, event: Event, cause: Cause) -> Self:
        """An event of one's own as it came back from the log, as the cause of something: whence it was is not told."""
        assert cause.at is not None, "it was said at some time"
        return evolve(cls.seal(event, cause, cause.id, cause.at), causation_id=None)

    def cause(self, consumer: str) -> Cause:
        """The cause of whatever `consumer` does about this event."""
        return Cause(id=self.id, correlation_id=self.correlation_id, consumer=consumer, at=self.time)


AnyEvent = TypeVar("AnyEvent", bound=Event)


def opened(envelope: Envelope, kind: type[AnyEvent]) -> AnyEvent:
    """The event in the envelope. Members it does not know are ignored; what is missing or unreadable is None.

    Numbers as strings and ISO dates are read, as the originals read them.
    """
    said, known = envelope.data, _members(kind)
    members: dict[str, Any] = {member.name: member.read(said.get(member.wire)) for member in known}
    return kind(version=envelope.version, **members)


@frozen
class _Member:
    """A member of an event, its name on the wire, and how its value is read from there."""

    name: str
    wire: str
    read: Callable[[object], object]


_MEMBERS: Final[dict[type[Event], tuple[_Member, ...]]] = {}
"""Of every class met so far: looking through its fields for each event would cost more than the rest of it."""


def _members(kind: type[Event]) -> tuple[_Member, ...]:
    """All but the version, which travels beside the event."""
    if kind not in _MEMBERS:
        fields = (field for field in attrs.fields(kind) if field.name != "version")  # type: ignore[arg-type]
        _MEMBERS[kind] = tuple(
            _Member(it.name, camel(it.name), _whole if "int" in str(it.type) else _text) for it in fields
        )
    return _MEMBERS[kind]


def _text(value: object) -> str | None:
    return kept(value) if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    """What no store can keep is as good as missing."""
    if isinstance(value, str):
        value = _number(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < 2**63 else None


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


_ASKED: Final = {"starts": "startDate", "ends": "endDate", "method": "paymentMethod", "booking_id": "bookId"}


def asked_as(member: str) -> str:
    """What a command's member is called by whoever asks for it, in every protocol."""
    return _ASKED.get(member) or camel(member)
