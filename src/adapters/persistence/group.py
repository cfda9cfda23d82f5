"""A group of writes as it is decided: what they all see, and what each leaves there for those after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from attrs import define, field, frozen
from sqlalchemy import Table, bindparam, insert
from sqlalchemy.sql.base import Executable

from adapters.persistence.kind import Kind, Ref
from adapters.persistence.schema.shared import INBOX, KEYS, LEDGER, OUTBOX
from adapters.persistence.schema.types import Json, micros
from adapters.persistence.signals import Signal
from adapters.persistence.statements import Values
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Cause, Envelope, Event
from myticket_core.ports import Ids

State = TypeVar("State")
Result = TypeVar("Result")


def into(table: Table, leaving_out: frozenset[str] = frozenset()) -> Executable:
    """An insert whose values are given in the order of the table's columns."""
    names = [column.name for column in table.columns if column.name not in leaving_out]
    return insert(table).values({name: bindparam(name) for name in names})


_SEQ: Final = frozenset({"seq"})
_SAY: Final = into(OUTBOX, leaving_out=_SEQ)
_HEAR: Final = into(INBOX)
_KEEP: Final = into(KEYS)
_GO: Final = into(LEDGER, leaving_out=_SEQ)
_data = Json().encode


@frozen
class Write(Generic[Result]):
    """What one caller wants written.

    `apply` is called with a draft in which the aggregates named in `reads` are found. It is synchronous, pure
    but for the draft, may be called again, and what it raises leaves nothing behind. `adds` is the kind it draws
    numbers for; `keyed`: the cause's key stands for what is added, and is looked up first.
    """

    apply: Callable[[Draft], Result]
    reads: tuple[Ref, ...] = ()
    adds: Kind[Any] | None = None
    keyed: bool = False
    cause: Cause | None = None

    @property
    def key(self) -> str | None:
        return self.cause.key if self.keyed and self.cause else None


@define(eq=False)
class Group:
    """`states` as stored, changed by the writes before; `stored` are those which have a row already."""

    at: datetime
    ids: Ids
    said: Signal
    last: dict[Kind[Any], int]
    inbox: set[tuple[str, str]] = field(factory=set)
    keys: dict[str, tuple[str, int]] = field(factory=dict)
    states: dict[Ref, Any] = field(factory=dict)
    stored: set[Ref] = field(factory=set)
    touched: dict[Ref, None] = field(factory=dict)
    rows: dict[Executable, list[Values]] = field(factory=lambda: defaultdict(list))
    signals: dict[Signal, None] = field(factory=dict)

    def decide(self, write: Write[Result]) -> Result:
        """What `write` makes of the group; when it raises, the group is as before."""
        draft = Draft(self, write.cause)
        result = write.apply(draft)
        self._take(draft)
        return result

    def _take(self, draft: Draft) -> None:
        for ref, state in draft.states.items():
            before = self.states.get(ref)
            if state is not before:
                self._goes(ref, before, state)
                self.states[ref] = state
                self.touched[ref] = None
        for statement, values in draft.rows:
            self.rows[statement].append(values)
        self.last |= draft.last
        self.signals |= draft.signals
        self._remember(draft)

    def _goes(self, ref: Ref, before: Any, after: Any) -> None:
        """One line of the ledger, when the status is another one."""
        kind, id = ref
        if kind.status is None:
            return
        was = None if before is None else kind.status(before)
        if (now := kind.status(after)) != was:
            self.rows[_GO].append((kind.table.name, id, was, now, micros(self.at)))

    def _remember(self, draft: Draft) -> None:
        cause, at = draft.cause, micros(self.at)
        if cause is None:
            return
        if cause.consumer is not None and not draft.repeated:
            self.inbox.add((cause.consumer, cause.id))
            self.rows[_HEAR].append((cause.id, cause.consumer, at))
        if cause.key is not None and draft.added is not None:
            self.keys[cause.key] = (cause.fingerprint, draft.added)
            self.rows[_KEEP].append((cause.key, cause.fingerprint, draft.added, at))

    def statements(self) -> dict[Executable, Sequence[Values]]:
        """Everything to be written: one statement per table and way of writing, each with all its rows."""
        written: dict[Executable, list[Values]] = defaultdict(list)
        for ref in self.touched:
            kind, _ = ref
            row = kind.row(self.states[ref])
            if ref in self.stored:
                written[kind.update].append(kind.updating(row))
            else:
                written[kind.insert].append(row)
        return {**written, **self.rows}


@define(eq=False)
class Draft:
    """What one write sees of its group, and what it wants to leave there."""

    group: Group
    cause: Cause | None
    states: dict[Ref, Any] = field(factory=dict)
    rows: list[tuple[Executable, Values]] = field(factory=list)
    last: dict[Kind[Any], int] = field(factory=dict)
    signals: dict[Signal, None] = field(factory=dict)
    added: int | None = None

    @property
    def repeated(self) -> bool:
        """Whether the consumer has done before what this event asks for."""
        cause = self.cause
        return cause is not None and cause.consumer is not None and (cause.consumer, cause.id) in self.group.inbox

    def find(self, kind: Kind[State], id: int) -> State | None:
        ref = (kind, id)
        found: State | None = self.states[ref] if ref in self.states else self.group.states.get(ref)
        return found

    def get(self, kind: Kind[State], id: int, what: str) -> State:
        """Raises NotFound, calling it `what`."""
        found = self.find(kind, id)
        if found is None:
            raise NotFound(what, id)
        return found

    def put(self, kind: Kind[State], id: int, state: State) -> None:
        self.states[kind, id] = state

    def add(self, kind: Kind[State], id: int, state: State) -> None:
        """Put something new, for which the cause's key stands from now on."""
        self.put(kind, id, state)
        self.added = id

    def number(self, kind: Kind[Any]) -> int:
        """The next free number of the kind."""
        self.last[kind] = self.last.get(kind, self.group.last[kind]) + 1
        return self.last[kind]

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
            self.run(_SAY, said(envelope))
        if events:
            self.fire(self.group.said)

    def run(self, statement: Executable, values: Values) -> None:
        """Have `statement` run with these values when the group is written."""
        self.rows.append((statement, values))

    def fire(self, signal: Signal) -> None:
        """Have it fired once the group is committed."""
        self.signals[signal] = None


def said(envelope: Envelope) -> Values:
    """The envelope as an unpublished row of the outbox."""
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
        False,
    )
