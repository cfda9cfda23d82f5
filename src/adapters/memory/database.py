"""What one service keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from adapters.memory.signals import Signal
from adapters.memory.view import View
from myticket_core.access import Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import Place, Waiting
from myticket_core.errors import Rejected
from myticket_core.messages import Cause, Envelope, Event
from myticket_core.notification.contact import Contact
from myticket_core.notification.model import Notification, NotificationId
from myticket_core.notification.title import Title
from myticket_core.payment.model import Payment
from myticket_core.payment.ports import Hint
from myticket_core.ports import Clock, Ids, Parked
from myticket_core.ticket.model import Ticket, TicketId

Row: TypeAlias = tuple[dict[Any, Any], Any, Any]
"""The table, the id, and what is stored under it."""


class MemoryDatabase:
    """State, outbox, inbox and idempotency keys of one service.

    No write awaits anything between what it reads and what it stores, so that on one event loop each is atomic.
    It outlives the ports on it: new ports on the same database are what a restart is for a real one.
    """

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self.tickets: dict[TicketId, Ticket] = {}
        self.sales: dict[int, Sale] = {}
        self.bookings: dict[BookingId, Booking] = {}
        self.waiting: dict[Place, Waiting] = {}
        self.payments: dict[int, Payment] = {}  # by booking
        self.last_payment = 0
        self.references: dict[str, str] = {}
        self.hints: dict[str, Hint] = {}
        self.followed: set[str] = set()
        self.notifications: dict[NotificationId, Notification] = {}
        self.live = View()
        self.other = self.live.blank()
        self.contacts: dict[tuple[Scope, str, str], Contact] = {}
        self.buckets: dict[str, datetime] = {}
        self.titles: dict[int, Title] = {}
        self.joined = False  # the other view takes part in the changes of the live one
        self.parked: dict[tuple[str, str], Parked] = {}
        self.outbox: dict[str, Envelope] = {}
        self.inbox: dict[tuple[str, str], datetime] = {}
        self.keys: dict[tuple[str, str], tuple[str, int, datetime]] = {}  # (kind, key) → (fingerprint, id, when)
        self.said, self.queued, self.called = Signal(), Signal(), Signal()
        self.clock, self.ids = clock, ids

    async def ping(self) -> None:
        """Memory always answers."""

    def number(self, table: dict[Any, Any]) -> int:
        """The next free one of a table that is kept in order."""
        return int(next(reversed(table), 0)) + 1

    def sort(self, table: dict[Any, Any]) -> None:
        """By number, after something was put between others."""
        rows = sorted(table.items())
        table.clear()
        table.update(rows)

    def handled(self, cause: Cause) -> bool:
        """Whether the consumer has already done what this event asks for."""
        return cause.consumer is not None and (cause.consumer, cause.id) in self.inbox

    def kept(self, kind: str, cause: Cause) -> int | None:
        """The id of what an earlier call with this key stored. Raises Rejected("key_reused")."""
        if cause.key is None or (kind, cause.key) not in self.keys:
            return None
        fingerprint, id, _ = self.keys[kind, cause.key]
        if fingerprint != cause.fingerprint:
            raise Rejected("key_reused", "this idempotency key came with another request before")
        return id

    def key(self, kind: str, cause: Cause, id: int) -> Sequence[Row]:
        """The row that remembers the key; none when there is no key."""
        if cause.key is None:
            return ()
        return ((self.keys, (kind, cause.key), (cause.fingerprint, id, self.clock.now())),)

    def commit(self, cause: Cause, events: Sequence[Event], *rows: Row) -> None:
        """Rows, events and the cause: all or, when an event cannot be sealed, nothing."""
        now = self.clock.now()
        envelopes = [Envelope.seal(event, cause, self.ids.new(), now) for event in events]
        for table, id, state in rows:
            table[id] = state
        if cause.consumer is not None:
            self.inbox[cause.consumer, cause.id] = now
        self.outbox.update((envelope.id, envelope) for envelope in envelopes)
        if envelopes:
            self.said.fire()
        if any(table is self.sales and state.calls for table, _, state in rows):
            self.called.fire()
