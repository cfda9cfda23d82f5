"""Browsers: R6, R7, those that show one's messages also while no page is open."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.problems import Missing, TooManySubscriptions
from myticket_core.access import Action
from myticket_core.notification.contact import Contact
from myticket_core.notification.subscribe import Subscribe, SubscribeBrowsers

OF: Final = "alarm"


@strawberry.type(description="`key` is what a browser subscribes with: its `applicationServerKey`")
class PushKey:
    OF: ClassVar = OF
    key: str


@strawberry.type(description="`id`: 32 hexadecimal digits, with which the SHA-256 of the browser's endpoint begins")
class PushSubscription:
    OF: ClassVar = OF
    id: str


@strawberry.type
class PushSubscriptions:
    OF: ClassVar = OF
    nodes: list[PushSubscription]


@strawberry.type(description="It is told nothing any more")
class PushSubscriptionRemoved:
    id: str


@strawberry.input(description="Of the browser's PushSubscription: its endpoint and its keys, in base64url")
class PushSubscriptionInput:
    endpoint: str
    p256dh: str
    auth: str


@strawberry.type
class BrowserQueries:
    @answers("PushKey", Action.READ_PUSH_KEY, OF, PushKey, Missing)
    async def push_key(self, info: Info) -> Any:
        """The key that browsers subscribe with; missing where this system pushes nothing."""
        return PushKey(key=_cases(info).public_key())

    @answers("PushSubscriptions", Action.READ_CONTACT, OF, PushSubscriptions)
    async def push_subscriptions(self, info: Info) -> Any:
        """All the browsers that show one's messages."""
        return PushSubscriptions(nodes=[_of(it) for it in await _cases(info).list(owner(info))])

    @answers("PushSubscription", Action.READ_CONTACT, OF, PushSubscription, Missing)
    async def push_subscription(self, info: Info, id: str) -> Any:
        """Whether a browser shows them."""
        return _of(await _cases(info).one(id, owner(info)))


@strawberry.type
class BrowserMutations:
    @does("PutPushSubscription", Action.CHANGE_CONTACT, OF, PushSubscription, Missing, TooManySubscriptions)
    async def put_push_subscription(self, info: Info, browser: PushSubscriptionInput) -> Any:
        """Have a browser show them. One that somebody else has subscribed is the caller's then."""
        order = Subscribe(endpoint=browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)
        return _of(await _cases(info).put(order, owner(info)))

    @does("RemovePushSubscription", Action.CHANGE_CONTACT, OF, PushSubscriptionRemoved, Missing)
    async def remove_push_subscription(self, info: Info, id: str) -> Any:
        """Have a browser show them no more."""
        await _cases(info).remove(id, owner(info))
        return PushSubscriptionRemoved(id=id)


def _of(it: Contact) -> PushSubscription:
    return PushSubscription(id=it.place)


def _cases(info: Info) -> SubscribeBrowsers:
    assert info.context.cases.alarm is not None
    return info.context.cases.alarm.subscribe
