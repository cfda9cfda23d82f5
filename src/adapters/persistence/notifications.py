from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words

from adapters.persistence import buckets
from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.listing import Listing, owner_of, owners, wanted
from adapters.persistence.notification_rows import KIND, recipient_of
from adapters.persistence.schema.alarm import DELIVERED, IN_WORDS, NOTIFICATIONS, QUEUED, UNREAD
from adapters.persistence.schema.types import micros
from myticket_core.access import EVERYTHING, Scope
from myticket_core.errors import NotFound
from myticket_core.messages import Cause
from myticket_core.notification.model import ELSEWHERE, Message, Notification, NotificationId, Status
from myticket_core.notification.ports import Sought, Tell
from myticket_core.notification.queueing import bucket_of, queued
from myticket_core.paging import Page, Paging

_COLUMN = NOTIFICATIONS.c
_HERE: Final = [text(f"channel != '{elsewhere}'") for elsewhere in sorted(ELSEWHERE)]
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
    always=(DELIVERED, *_HERE),
)
_UNREAD_LISTED: Final = Listing(
    KIND,
    ("id", "created_at"),
    narrow={"recipient": _COLUMN.recipient == bindparam("recipient")},
    always=(UNREAD, *_HERE),
)
_UNTOUCHED: Final = (
    KIND.selected.where(
        QUEUED,
        *(_COLUMN[name] == bindparam(name) for name in ("recipient", "channel")),
        _COLUMN.attempts == 0,
        _COLUMN.due_at == _COLUMN.waits_until,
    )
    .order_by(_COLUMN.id)
    .limit(bindparam("limit"))
)
_UNREAD: Final = select(func.count()).select_from(NOTIFICATIONS).where(UNREAD, *_HERE)
_UNREAD_OF: Final = _UNREAD.where(_COLUMN.recipient == bindparam("recipient"))
AT_ONCE: Final = 1000
"""How many are marked by one write, behind which the others wait."""
_SOME: Final = (
    select(_COLUMN.id)
    .where(UNREAD, *_HERE, _COLUMN.recipient == bindparam("recipient"), _COLUMN.id <= bindparam("last"))
    .suffix_with(text(f"LIMIT {AT_ONCE}"))
)
_READ: Final = update(NOTIFICATIONS).values(read_at=bindparam("now")).where(UNREAD, _COLUMN.id.in_(_SOME))
_SOUGHT: Final = Listing(
    KIND,
    ("id",),
    narrow={
        **owners(KIND),
        "channel": _COLUMN.channel == bindparam("channel"),
        "before": _COLUMN.id < bindparam("before"),
    },
)


@lru_cache
def _sought(status: Status | None, given: frozenset[str]) -> Select[Any]:
    words = () if status is None else (IN_WORDS[status],)
    found = KIND.selected.where(*words, *_SOUGHT.where(given))
    return found.order_by(_COLUMN.id.desc()).limit(bindparam("limit"))


class SqlNotifications:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen = db.added.fired

    async def add(self, messages: Sequence[Message], now: datetime, cause: Cause, shown: Collection[str] = ()) -> None:
        names = sorted({name for message in messages if (name := bucket_of(message)) is not None})

        def apply(draft: Draft) -> None:
            if draft.repeated:
                return
            ids = [NotificationId(draft.number(KIND)) for _ in messages]
            made, taken = queued(messages, ids, now, shown, buckets.owed(draft, names))
            for notification in made:
                draft.run(_QUEUE, KIND.row(notification))
            buckets.take(draft, taken)
            if any(message.channel not in shown for message in messages):
                draft.fire(self._db.added)

        reads = tuple((buckets.KIND, name) for name in names)
        await self._db.write(Write(apply, reads=reads, adds=KIND, numbers=len(messages), cause=cause))

    async def change(self, id: NotificationId, decide: Callable[[Notification], Notification]) -> Notification:
        def apply(draft: Draft) -> Notification:
            after = decide(draft.get(KIND, id, "notification"))
            draft.put(KIND, id, after)
            return after

        return await self._db.write(Write(apply, reads=((KIND, id),)))

    async def due(self, now: datetime, channel: str, limit: int) -> Sequence[Notification]:
        rows = await self._db.rows(_DUE, now=micros(now), channel=channel, limit=limit)
        return [KIND.state(row) for row in rows]

    async def untouched(self, like: Message, limit: int) -> Sequence[Notification]:
        whose = {"recipient": recipient_of(like.recipient), "channel": like.channel}
        return [KIND.state(row) for row in await self._db.rows(_UNTOUCHED, limit=limit, **whose)]

    async def gather(self, ids: Sequence[NotificationId], tell: Tell) -> None:
        def apply(draft: Draft) -> None:
            made = tell([draft.get(KIND, id, "notification") for id in ids], NotificationId(draft.number(KIND)))
            if made is not None:
                digest, gathered = made
                for it in (digest, *gathered):
                    draft.put(KIND, it.id, it)
                draft.fire(self._db.added)

        await self._db.write(Write(apply, reads=tuple((KIND, id) for id in ids), adds=KIND))

    async def get(self, id: NotificationId, owner: Scope) -> Notification:
        for row in await self._db.rows(KIND.one, which=id):
            notification = KIND.state(row).owned(owner)
            if notification.status is Status.DELIVERED and notification.message.channel not in ELSEWHERE:
                return notification
        raise NotFound("notification", id)

    async def list(self, owner: Scope, read: bool | None, paging: Paging) -> Page[Notification]:
        if read is False:  # what is asked for again and again, and is little of much
            whose = None if owner == EVERYTHING else recipient_of(owner)
            return await _UNREAD_LISTED.page(self._db, paging, recipient=whose)
        return await _LISTED.page(self._db, paging, read=read, **owner_of(owner))

    async def unread(self, owner: Scope) -> int:
        if owner == EVERYTHING:
            ((count,),) = await self._db.scan(_UNREAD)
        else:
            ((count,),) = await self._db.scan(_UNREAD_OF, recipient=recipient_of(owner))
        return int(count)

    async def read_up_to(self, last: NotificationId, owner: Scope, now: datetime) -> None:
        recipient = recipient_of(owner)
        full = True
        while full and (left := await self._db.scan(_SOME, recipient=recipient, last=last)):
            await self._db.write(Write(lambda draft: draft.run(_READ, (micros(now), recipient, last))))
            full = len(left) == AT_ONCE

    async def sought(self, which: Sought, before: NotificationId | None, limit: int) -> Sequence[Notification]:
        narrowing = {"before": before, "channel": which.channel, **owner_of(which.recipient)}
        given = wanted(narrowing)
        rows = await self._db.scan(_sought(which.status, frozenset(given)), limit=limit, **given)
        return [KIND.state(row) for row in rows]

    async def wait(self, at_most: timedelta) -> None:
        await self._db.added.wait(at_most, self._seen)
        self._seen = self._db.added.fired
