"""/notifications: R6, R7, R11, R13, one's own messages, read and unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from attrs import frozen
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec import field as member

from adapters.rest.call import Call
from adapters.rest.hal import Collection, Count, Date, Id, Links
from adapters.rest.reading import TRUTH, Member, Shape, integer
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, Parameter, operation, paged, route
from myticket_core.access import Action
from myticket_core.errors import Invalid
from myticket_core.notification.model import Message, Notification, NotificationId, Status
from myticket_core.notification.reach import ReachPeople
from myticket_core.notification.read import Mark, MarkAll, ReadNotifications
from myticket_core.notification.subscribe import SubscribeBrowsers
from myticket_core.values import written


@frozen
class NotificationApi:
    read: ReadNotifications
    reach: ReachPeople
    subscribe: SubscribeBrowsers


class NotificationBody(Struct, rename="camel"):
    """`event` is the type of the event it tells of, `correlationId` that of the request that began it all."""

    id: Id
    message: str
    event: str
    channel: str
    book_id: int | None
    ticket_id: int | None
    customer_id: int | None
    company_id: int | None
    read: bool
    created_at: Date
    correlation_id: str
    links: Links = member(name="_links")


class ReadBody(Struct, rename="camel"):
    unread: Count


PATCH: Final = Shape("NotificationPatch", (Member("read", TRUTH, "Whether it has been read", True, required=True),))
_LAST: Final = Member("readUpTo", integer(1), "The last that has been read, and with it all before", 7, required=True)
READ: Final = Shape("NotificationsPatch", (_LAST,))
_SORTABLE: Final = {"id": "id", "createdAt": "created_at"}
_READ: Final = Parameter("read", TRUTH.schema, "true: the read ones; false: the unread ones")
_UNREAD: Final = "How many of one's own have not been read, whichever are on this page"
_BESIDE: Final = {"unread": {"type": "integer", "minimum": 0, "description": _UNREAD, "example": 1}}


class Notifications:
    def __init__(self, api: NotificationApi, url: str) -> None:
        self.api, self.at = api, Collection(url, "notifications", "notification", _SORTABLE)

    def routes(self) -> Sequence[HTTPRouteHandler]:
        one = Answered("The notification", NotificationBody, self.body(EXAMPLE))
        several = Answered(
            "A page of notifications", NotificationBody, one.example, listed="notifications", beside=_BESIDE
        )
        told = partial(operation, "notifications")
        which = (_READ, *paged(*_SORTABLE))
        browse = told("listNotifications", "One's own messages", {200: several}, parameters=which)
        get = told("getNotification", "Look at a message", {200: one}, "not_found")
        mark = told("markNotification", "Mark a message as read or unread", {200: one}, "not_found", takes=PATCH)
        left = Answered("How many have not been read then", ReadBody, ReadBody(unread=0))
        mark_all = told("markNotifications", "Mark all messages up to one as read", {200: left}, takes=READ)
        return (
            route("PATCH", "/notifications", self.mark_all, Action.MARK_NOTIFICATIONS, mark_all),
            route("GET", "/notifications", self.browse, Action.READ_NOTIFICATIONS, browse),
            route("GET", "/notifications/{id:str}", self.get, Action.READ_NOTIFICATIONS, get),
            route("PATCH", "/notifications/{id:str}", self.mark, Action.MARK_NOTIFICATION, mark),
        )

    async def browse(self, call: Call) -> Reply:
        read = call.truth("read")
        page = await self.api.read.list(call.owner, read, self.at.asked(call))
        unread = page.total if read is False else await self.api.read.unread(call.owner)
        return call.answer(self.at.page(call, page, [self.body(it) for it in page.items]) | {"unread": unread})

    async def get(self, call: Call) -> Reply:
        return call.answer(self.body(await self.api.read.one(NotificationId(call.path_id("id")), call.owner)))

    async def mark(self, call: Call) -> Reply:
        given = await call.body(PATCH)
        if "read" not in given:
            raise Invalid("read", None, "true or false")
        order = Mark(id=NotificationId(call.path_id("id")), read=given["read"])
        return call.answer(self.body(await self.api.read.mark(order, call.owner)))

    async def mark_all(self, call: Call) -> Reply:
        given = await call.body(READ)
        if given.get("readUpTo") is None:
            raise Invalid("readUpTo", None, "the id of a message")
        order = MarkAll(last=NotificationId(given["readUpTo"]))
        return call.answer(ReadBody(unread=await self.api.read.mark_all(order, call.owner)))

    def body(self, notification: Notification) -> NotificationBody:
        said = notification.message
        return NotificationBody(
            id=notification.id,
            message=said.text,
            event=said.event,
            channel=said.channel,
            book_id=said.booking_id,
            ticket_id=said.ticket_id,
            customer_id=said.customer_id,
            company_id=said.company_id,
            read=notification.read_at is not None,
            created_at=written(notification.created_at),
            correlation_id=said.correlation_id,
            links=self.at.links(notification.id),
        )


_NOW: Final = datetime(2026, 11, 22, 16, 9, 0, 0, UTC)
EXAMPLE: Final = Notification(
    id=NotificationId(7), created_at=_NOW, due_at=_NOW, status=Status.DELIVERED,
    message=Message(
        event_id="", event="PaymentApproved", channel="in-app", customer_id=1, booking_id=5, ticket_id=2,
        text="Hello 예매 5의 결제(₩15,000)가 완료되었습니다 (티켓 2). / Booking 5 of ticket 2 is paid: ₩15,000.",
        correlation_id="0193a5c2f3b27d0b8c1e4f5a6b7c8d9e",
    ),
)  # fmt: skip
