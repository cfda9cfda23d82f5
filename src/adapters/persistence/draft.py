"""One write, and what it sees and leaves in the group it is decided in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import define, field
from sqlalchemy.sql.base import Executable

from adapters.persistence.kind import Kind, Ref
from adapters.persistence.put import Put, into
from adapters.persistence.schema.shared import OUTBOX
from adapters.persistence.schema.types import Json, micros
from adapters.persistence.signals import Signal
from adapters.persistence.statements import Values
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Cause, Envelope, Event

if TYPE_CHECKING:
    from adapters.persistence.group import Group

State = TypeVar("State")
Result = TypeVar("Result")

_SAY: Final = into(OUTBOX, leaving_out=("seq",))
_data = Json().encode


@define(eq=False)
class Write(Generic[Result]):
    """What one caller wants written.

    `apply` is called with a draft in which the aggregates named in `reads` are found. It is synchronous, pure
    but for the draft, may be called again, and what it raises leaves nothing behind. `counts` are the entries of
    tallies that it asks for: nobody else who asks for them adds to them before it is written. `adds` is the kind it
    draws numbers for, at most `numbers` of them; `keyed`: the cause's key stands for what is added, and is looked up
    first. `numbered`: what may come with a number of its own, which is then not free.
    """

    apply: Callable[[Draft], Result]
    reads: tuple[Ref, ...] = ()
    counts: tuple[Ref, ...] = ()
    adds: Kind[Any] | None = None
    numbers: int = 1
    keyed: bool = False
    cause: Cause | None = None
    numbered: tuple[Kind[Any], int] | None = None

    @property
    def key(self) -> str | None:
        return self.cause.key if self.keyed and self.cause else None


@define(eq=False)
class Draft:
    """What one write sees of its group, and what it wants to leave there."""

    group: Group
    cause: Cause | None
    states: dict[Ref, Any] = field(factory=dict)
    rows: list[tuple[Put | Executable, Values]] = field(factory=list)
    taken: dict[Kind[Any], int] = field(factory=dict)
    signals: dict[Signal, None] = field(factory=dict)
    added: int | None = None
    recovered: set[Ref] = field(factory=set)

    @property
    def repeated(self) -> bool:
        """Whether the consumer has done before what this event asks for."""
        cause = self.cause
        return cause is not None and cause.consumer is not None and (cause.consumer, cause.id) in self.group.inbox

    def find(self, kind: Kind[State], id: int | str) -> State | None:
        ref = (kind, id)
        found: State | None = self.states[ref] if ref in self.states else self.group.states.get(ref)
        return found

    def get(self, kind: Kind[State], id: int | str, what: str) -> State:
        """Raises NotFound, calling it `what`."""
        found = self.find(kind, id)
        if found is None:
            raise NotFound(what, id)
        return found

    def count(self, kind: Kind[Any], by: int | str) -> int:
        """What the tally of the kind has for that, this write's own not counted."""
        return self.group.counts.get((kind, by), 0)

    def put(self, kind: Kind[State], id: int | str, state: State) -> None:
        self.states[kind, id] = state

    def add(self, kind: Kind[State], id: int, state: State) -> None:
        """Put something new, for which the cause's key stands from now on."""
        self.put(kind, id, state)
        self.added = id

    def recover(self, kind: Kind[State], id: int, state: State, said: Event) -> bool:
        """Put what was decided and told before, if that is anything new: it is no move of the ledger, and `said`, the
        cause, is published.
        """
        assert self.cause is not None, "it was told"
        if self.repeated or state == self.find(kind, id):
            return False
        self.put(kind, id, state)
        self.recovered.add((kind, id))
        self.run(_SAY, row_of(Envelope.heard(said, self.cause), published=True))
        return True

    def number(self, kind: Kind[Any]) -> int:
        """The next free number of the kind."""
        taken = self.taken.get(kind, 0)
        self.taken[kind] = taken + 1
        return self.group.numbers[kind][taken]

    def kept(self) -> int | None:
        """The number of what an earlier call with the cause's key has added. Raises Rejected("key_reused")."""
        if self.cause is None or self.cause.key is None or self.cause.key not in self.group.keys:
            return None
        fingerprint, id = self.group.keys[self.cause.key]
        if fingerprint != self.cause.fingerprint:
            raise Rejected("key_reused", "this idempotency key came with another request before")
        return id

    def tell(self, events: Sequence[Event]) -> None:
        for event in events:
            assert self.cause is not None, "events have a cause"
            envelope = Envelope.seal(event, self.cause, self.group.ids.new(), self.group.at)
            self.run(_SAY, row_of(envelope))
        if events:
            self.fire(self.group.said)

    def run(self, statement: Put | Executable, values: Values) -> None:
        """Have `statement` run with these values when the group is written."""
        self.rows.append((statement, values))

    def fire(self, signal: Signal) -> None:
        """Have it fired once the group is committed."""
        self.signals[signal] = None


def row_of(envelope: Envelope, published: bool = False) -> Values:
    """The envelope as a row of the outbox."""
    return (
        envelope.id,
        envelope.type,
        envelope.source,
        envelope.key,
        envelope.version,
        _data(envelope.data),
        micros(envelope.time),
        envelope.correlation_id,
        envelope.causation_id,
        published,
    )
