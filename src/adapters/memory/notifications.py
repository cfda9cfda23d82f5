from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta

from adapters.memory.database import MemoryDatabase
from adapters.memory.lists import page
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.messages import Cause
from myticket_core.notification.model import ELSEWHERE, Message, Notification, NotificationId, Status
from myticket_core.notification.ports import Sought, Tell
from myticket_core.notification.queueing import queued
from myticket_core.paging import Page, Paging

SORTABLE = ("id", "created_at")


class MemoryNotifications:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database
        self._seen = database.queued.fired

    async def add(self, messages: Sequence[Message], now: datetime, cause: Cause, shown: Collection[str] = ()) -> None:
        if self._db.handled(cause):
            return
        told = {unique(notification.message) for notification in self._db.notifications.values()}
        fresh = list({unique(message): message for message in messages if unique(message) not in told}.values())
        first = len(self._db.notifications) + 1
        ids = [NotificationId(id) for id in range(first, first + len(fresh))]
        made, owed = queued(fresh, ids, now, shown, self._db.buckets)
        self._db.commit(cause, (), *((self._db.notifications, it.id, it) for it in made))
        self._db.buckets.update(owed)
        if made:
            self._db.queued.fire()

    async def change(self, id: NotificationId, decide: Callable[[Notification], Notification]) -> Notification:
        self._db.notifications[id] = after = decide(self._existing(id))
        return after

    async def due(self, now: datetime, channel: str, limit: int) -> Sequence[Notification]:
        due = (
            it
            for it in self._db.notifications.values()
            if it.status is Status.QUEUED and it.message.channel == channel and it.due_at <= now
        )
        return sorted(due, key=lambda notification: (notification.due_at, notification.id))[:limit]

    async def untouched(self, like: Message, limit: int) -> Sequence[Notification]:
        found = (it for it in self._db.notifications.values() if it.untouched and _alike(it.message, like))
        return sorted(found, key=lambda it: it.id)[:limit]

    async def gather(self, ids: Sequence[NotificationId], tell: Tell) -> None:
        made = tell([self._existing(id) for id in ids], NotificationId(len(self._db.notifications) + 1))
        if made is not None:
            told, gathered = made
            self._db.notifications.update((it.id, it) for it in (told, *gathered))
            self._db.queued.fire()

    async def get(self, id: NotificationId, owner: Scope) -> Notification:
        notification = self._existing(id).owned(owner)
        if not _listed(notification):
            raise NotFound("notification", id)
        return notification

    async def list(self, owner: Scope, read: bool | None, paging: Paging) -> Page[Notification]:
        return page((it for it in self._delivered(owner) if read in (None, it.read_at is not None)), paging, SORTABLE)

    async def unread(self, owner: Scope) -> int:
        return sum(it.read_at is None for it in self._delivered(owner))

    async def read_up_to(self, last: NotificationId, owner: Scope, now: datetime) -> None:
        fresh = [it for it in self._delivered(owner) if it.read_at is None and it.id <= last]
        self._db.notifications.update((it.id, it.marked(True, now)) for it in fresh)

    async def sought(self, which: Sought, before: NotificationId | None, limit: int) -> Sequence[Notification]:
        every = (it for it in self._db.notifications.values() if before is None or it.id < before)
        return sorted((it for it in every if _fits(it, which)), key=lambda it: -it.id)[:limit]

    async def wait(self, at_most: timedelta) -> None:
        await self._db.queued.wait(at_most, self._seen)
        self._seen = self._db.queued.fired

    def _delivered(self, owner: Scope) -> Iterator[Notification]:
        for it in self._db.notifications.values():
            if _is_for(it, owner) and _listed(it):
                yield it

    def _existing(self, id: NotificationId) -> Notification:
        if id not in self._db.notifications:
            raise NotFound("notification", id)
        return self._db.notifications[id]


def _listed(it: Notification) -> bool:
    return it.status is Status.DELIVERED and it.message.channel not in ELSEWHERE


def _is_for(it: Notification, owner: Scope) -> bool:
    return owner.covers(company_id=it.message.company_id, customer_id=it.message.customer_id)


def _fits(it: Notification, which: Sought) -> bool:
    alike = which.status in (None, it.status) and which.channel in (None, it.message.channel)
    return alike and _is_for(it, which.recipient)


def _alike(one: Message, other: Message) -> bool:
    return (one.channel, one.recipient) == (other.channel, other.recipient)


def unique(message: Message) -> tuple[object, ...]:
    return message.event_id, message.customer_id, message.company_id, message.channel, message.place
