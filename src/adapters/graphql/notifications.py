"""Notifications: R6, R7, R11, R13, one's own messages, read and unread."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.guarded import answers, does, nested, owner
from adapters.graphql.inputs import ident
from adapters.graphql.paging import FIRST, Connection, orders
from adapters.graphql.problems import Missing
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.notification import model
from myticket_core.notification.model import NotificationId
from myticket_core.notification.read import Mark, MarkAll, ReadNotifications

OF: Final = "alarm"


@strawberry.type(description="`event` is what it tells of, `correlationId` that of the request that began it all")
class Notification:
    OF: ClassVar = OF
    id: Long
    message: str
    event: str
    channel: str
    book_id: Long | None
    ticket_id: Long | None
    customer_id: Long | None
    company_id: Long | None
    read: bool
    created_at: datetime
    correlation_id: str


@strawberry.type
class NotificationConnection(Connection[Notification]):
    @nested(Action.READ_NOTIFICATIONS, OF, Long)
    async def unread(self, info: Info) -> Any:
        """How many of one's own have not been read, whichever are listed here."""
        return await _cases(info).unread(owner(info))


@strawberry.type
class NotificationsRead:
    OF: ClassVar = OF
    unread: Long


@strawberry.enum
class NotificationSort(Enum):
    ID = "id"
    CREATED_AT = "created_at"


@strawberry.input
class NotificationOrder:
    field: NotificationSort
    descending: bool = False


@strawberry.type
class NotificationQueries:
    @answers("Notifications", Action.READ_NOTIFICATIONS, OF, NotificationConnection)
    async def notifications(
        self,
        info: Info,
        read: bool | None = None,
        order_by: list[NotificationOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
    ) -> Any:
        """One's own messages; `read`: only the read, or the unread ones."""
        mine, cases = owner(info), _cases(info)
        return await NotificationConnection.of(
            lambda paging: cases.list(mine, read, paging), notification_of, first, after, orders(order_by)
        )

    @answers("Notification", Action.READ_NOTIFICATIONS, OF, Notification, Missing)
    async def notification(self, info: Info, id: Long) -> Any:
        """Look at a message."""
        return notification_of(await _cases(info).one(NotificationId(ident("id", id)), owner(info)))


@strawberry.type
class NotificationMutations:
    @does("MarkNotification", Action.MARK_NOTIFICATION, OF, Notification, Missing)
    async def mark_notification(self, info: Info, id: Long, read: bool) -> Any:
        """Mark a message as read or unread."""
        order = Mark(id=NotificationId(ident("id", id)), read=read)
        return notification_of(await _cases(info).mark(order, owner(info)))

    @does("NotificationsRead", Action.MARK_NOTIFICATIONS, OF, NotificationsRead)
    async def mark_notifications(self, info: Info, read_up_to: Long) -> Any:
        """Mark all messages up to one as read; `unread`: how many are not, then."""
        order = MarkAll(last=NotificationId(ident("readUpTo", read_up_to)))
        return NotificationsRead(unread=await _cases(info).mark_all(order, owner(info)))


def notification_of(it: model.Notification) -> Notification:
    said = it.message
    return Notification(
        id=it.id,
        message=said.text,
        event=said.event,
        channel=said.channel,
        book_id=said.booking_id,
        ticket_id=said.ticket_id,
        customer_id=said.customer_id,
        company_id=said.company_id,
        read=it.read_at is not None,
        created_at=it.created_at,
        correlation_id=said.correlation_id,
    )


def _cases(info: Info) -> ReadNotifications:
    assert info.context.cases.alarm is not None
    return info.context.cases.alarm.read
