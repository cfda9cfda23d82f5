"""A group of writes as it is decided: each sees what those before it have made of what was stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from attrs import define, field
from sqlalchemy.sql.base import Executable

from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind, Ref
from adapters.persistence.put import Put, into
from adapters.persistence.schema.shared import INBOX, KEYS, LEDGER
from adapters.persistence.schema.types import micros
from adapters.persistence.signals import Signal
from adapters.persistence.statements import Values
from myticket_core.ports import Ids

Result = TypeVar("Result")

_HEAR: Final = into(INBOX)
_KEEP: Final = into(KEYS)
_GO: Final = into(LEDGER, leaving_out=("seq",))


@define(eq=False)
class Group:
    """`states` as stored, changed by the writes before; `stored` are those which have a row already.

    `numbers` are free ones for new things of a kind, `counts` the entries of tallies that were asked for.
    """

    at: datetime
    ids: Ids
    said: Signal
    numbers: dict[Kind[Any], Sequence[int]] = field(factory=dict)
    inbox: set[tuple[str, str]] = field(factory=set)
    keys: dict[str, tuple[str, int]] = field(factory=dict)
    states: dict[Ref, Any] = field(factory=dict)
    stored: set[Ref] = field(factory=set)
    counts: dict[Ref, int] = field(factory=dict)
    touched: dict[Ref, None] = field(factory=dict)
    rows: dict[Put | Executable, list[Values]] = field(factory=lambda: defaultdict(list))
    signals: dict[Signal, None] = field(factory=dict)

    def decide(self, write: Write[Result]) -> Result:
        """What `write` makes of the group; when it raises, the group is as before."""
        draft = Draft(self, write.cause)
        result = write.apply(draft)
        self._take(draft)
        return result

    def _take(self, draft: Draft) -> None:
        for ref, state in draft.states.items():
            if state is not self.states.get(ref):
                if ref not in draft.recovered:
                    self._move(ref, state)
                self._count(ref, state)
                self.states[ref] = state
                self.touched[ref] = None
        for statement, values in draft.rows:
            self.rows[statement].append(values)
        for kind, taken in draft.taken.items():
            self.numbers[kind] = self.numbers[kind][taken:]
        self.signals |= draft.signals
        self._remember(draft)

    def _move(self, ref: Ref, after: Any) -> None:
        """A line of the ledger, when the status is another one."""
        kind, id = ref
        if kind.status is None:
            return
        before = self.states.get(ref)
        was = None if before is None else kind.status(before)
        now = kind.status(after)
        if now != was:
            self.rows[_GO].append((kind.table.name, id, was, now, micros(self.at)))

    def _count(self, ref: Ref, after: Any) -> None:
        """What the change does to the tally of its kind, as far as somebody asks for that."""
        kind, _ = ref
        if kind.tally is None or not self.counts:
            return
        for state, step in ((self.states.get(ref), -1), (after, 1)):
            entry = None if state is None else (kind, kind.tally.of(state))
            if entry in self.counts:
                self.counts[entry] += step

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

    def statements(self) -> dict[Put | Executable, Sequence[Values]]:
        """Everything to be written: one statement per table and way of writing, each with all its rows."""
        written: dict[Put | Executable, list[Values]] = defaultdict(list)
        for ref in self.touched:
            kind, _ = ref
            row = kind.row(self.states[ref])
            if ref in self.stored:
                written[kind.update].append(kind.updating(row))
            else:
                written[kind.insert].append(row)
        return {**written, **self.rows}
