"""Reading one's own notifications, and marking them."""

from __future__ import annotations

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.messages import command
from myticket_core.notification.model import Notification, NotificationId
from myticket_core.notification.ports import Notifications
from myticket_core.paging import Page, Paging
from myticket_core.ports import Clock


@command
class Mark:
    id: NotificationId
    read: bool


@command
class MarkAll:
    """All up to the `last` one that was shown: what came since has not been read."""

    last: NotificationId


@frozen
class ReadNotifications:
    """What is not for you is NotFound."""

    notifications: Notifications
    clock: Clock

    async def one(self, id: NotificationId, owner: Scope) -> Notification:
        return await self.notifications.get(id, owner)

    async def list(self, owner: Scope, read: bool | None, paging: Paging) -> Page[Notification]:
        return await self.notifications.list(owner, read, paging)

    async def unread(self, owner: Scope) -> int:
        return await self.notifications.unread(owner)

    async def mark(self, order: Mark, owner: Scope) -> Notification:
        now = self.clock.now()
        await self.notifications.get(order.id, owner)
        return await self.notifications.change(order.id, lambda it: it.owned(owner).marked(order.read, now))

    async def mark_all(self, order: MarkAll, owner: Scope) -> int:
        """How many have not been read then."""
        await self.notifications.read_up_to(order.last, owner, self.clock.now())
        return await self.notifications.unread(owner)
