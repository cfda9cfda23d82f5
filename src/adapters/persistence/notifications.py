from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind
from adapters.persistence.listing import Listing, owner_of, owners
from adapters.persistence.schema.alarm import DELIVERED, NOTIFICATIONS, QUEUED
from adapters.persistence.schema.types import Moment, micros
from adapters.persistence.statements import Values
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.messages import Cause
from myticket_core.notification.model import EMAIL, Message, Notification, NotificationId, Status
from myticket_core.paging import Page, Paging

_moment = Moment()


def _micros(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def _at(value: int | None) -> datetime | None:
    return None if value is None else _moment.decode(value)


def _row(it: Notification) -> Values:
    message = it.message
    said = (message.event_id, message.event, message.channel, message.text, message.correlation_id)
    about = (message.customer_id, message.company_id, message.booking_id, message.ticket_id)
    times = (micros(it.created_at), micros(it.due_at))
    became = (it.status.value, it.attempts, _micros(it.delivered_at), _micros(it.read_at), it.reason)
    return (it.id, *said, *about, *times, *became, _recipient(message))


def _recipient(message: Message) -> str:
    return f"{message.customer_id or ''}/{message.company_id or ''}"


def _state(row: Sequence[Any]) -> Notification:
    event_id, event, channel, text, correlation, customer, company, booking, ticket = row[1:10]
    created_at, due_at, status, attempts, delivered_at, read_at, reason = row[10:17]
    message = Message(
        event_id=event_id,
        event=event,
        channel=channel,
        text=text,
        correlation_id=correlation,
        customer_id=customer,
        company_id=company,
        booking_id=booking,
        ticket_id=ticket,
    )
    return Notification(
        id=NotificationId(row[0]),
        message=message,
        created_at=_moment.decode(created_at),
        due_at=_moment.decode(due_at),
        status=Status(status),
        attempts=attempts,
        delivered_at=_at(delivered_at),
        read_at=_at(read_at),
        reason=reason,
    )


KIND: Final = Kind(table=NOTIFICATIONS, key="id", state=_state, row=_row)
_COLUMN = NOTIFICATIONS.c
_QUEUE: Final = (
    insert(NOTIFICATIONS)
    .values({name: bindparam(name) for name in KIND.names})
    .on_conflict_do_nothing(index_elements=["event_id", "recipient", "channel"])
)
_DUE: Final = (
    KIND.selected.where(QUEUED, _COLUMN.channel == bindparam("channel"), _COLUMN.due_at <= bindparam("now"))
    .order_by(_COLUMN.due_at, _COLUMN.id)
    .limit(bindparam("limit"))
)
_LISTED: Final = Listing(
    KIND,
    ("id", "created_at"),
    narrow={**owners(KIND), "read": _COLUMN.read_at.is_not(None) == bindparam("read")},
    always=(DELIVERED, _COLUMN.channel != EMAIL),
)


class SqlNotifications:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen = db.added.fired

    async def add(self, messages: Sequence[Message], now: datetime, cause: Cause, shown: Collection[str] = ()) -> None:
        def apply(draft: Draft) -> None:
            if draft.repeated:
                return
            for message in messages:
                id = NotificationId(draft.number(KIND))
                draft.run(_QUEUE, _row(Notification.new(id, message, now, shown)))
            if any(message.channel not in shown for message in messages):
                draft.fire(self._db.added)

        await self._db.write(Write(apply, adds=KIND, numbers=len(messages), cause=cause))

    async def change(self, id: NotificationId, decide: Callable[[Notification], Notification]) -> Notification:
        def apply(draft: Draft) -> Notification:
            after = decide(draft.get(KIND, id, "notification"))
            draft.put(KIND, id, after)
            return after

        return await self._db.write(Write(apply, reads=((KIND, id),)))

    async def due(self, now: datetime, channel: str, limit: int) -> Sequence[Notification]:
        rows = await self._db.rows(_DUE, now=micros(now), channel=channel, limit=limit)
        return [_state(row) for row in rows]

    async def get(self, id: NotificationId, owner: Scope) -> Notification:
        for row in await self._db.rows(KIND.one, which=id):
            notification = _state(row).owned(owner)
            if notification.status is Status.DELIVERED and notification.message.channel != EMAIL:
                return notification
        raise NotFound("notification", id)

    async def list(self, owner: Scope, read: bool | None, paging: Paging) -> Page[Notification]:
        return await _LISTED.page(self._db, paging, read=read, **owner_of(owner))

    async def wait(self, at_most: timedelta) -> None:
        await self._db.added.wait(at_most, self._seen)
        self._seen = self._db.added.fired
