"""/contacts/push: R6, R7, the browsers that show one's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final

from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct
from msgspec import field as member

from adapters.rest.call import Call
from adapters.rest.hal import Link, Links
from adapters.rest.reading import Kind, Member, Shape, text
from adapters.rest.reply import Reply, nothing
from adapters.rest.routes import Answered, operation, route
from myticket_core.access import Action, Scope
from myticket_core.errors import Invalid
from myticket_core.notification.contact import Contact
from myticket_core.notification.model import PUSH
from myticket_core.notification.subscribe import Subscribe, SubscribeBrowsers
from myticket_core.notification.subscription import LONGEST, Subscription

Key = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{87}$", description="Of P-256, uncompressed, in base64url")]


class PushKeyBody(Struct):
    """`key` is what a browser subscribes with: its `applicationServerKey`."""

    key: Key
    links: Links = member(name="_links")


class SubscriptionBody(Struct):
    """`id`: 32 hexadecimal digits, with which the SHA-256 of the browser's endpoint begins."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    links: Links = member(name="_links")


def _keys(name: str, value: object) -> Mapping[str, Any] | None:
    if value is None or isinstance(value, dict):
        return value
    raise Invalid(name, "…", "an object with p256dh and auth")


P256DH: Final = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
EXAMPLE: Final = Subscription("https://push.example.com/of/a/browser", P256DH, "BTBZMqHH6r4Tts7J_aSIgg")
KEYS: Final = Kind(_keys, {
    "type": "object", "required": ["p256dh", "auth"], "properties": {
        "p256dh": {"type": "string", "pattern": "^[A-Za-z0-9_-]{87}=?$"},
        "auth": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}(==)?$"}},
})  # fmt: skip
PUT: Final = Shape("PushSubscription", (
    Member("endpoint", text(LONGEST), "https://…, of the browser's push service", EXAMPLE.endpoint, required=True),
    Member("keys", KEYS, "Of the browser, in base64url", {"p256dh": P256DH, "auth": EXAMPLE.auth}, required=True),
))  # fmt: skip


class Subscriptions:
    def __init__(self, subscribe: SubscribeBrowsers, url: str) -> None:
        self.subscribe, self.url = subscribe, f"{url}/contacts/{PUSH}"

    def routes(self) -> Sequence[HTTPRouteHandler]:
        example = self.body(Contact(recipient=Scope(customer_id=1), channel=PUSH, address="", place=EXAMPLE.place))
        one = {200: Answered("The browser", SubscriptionBody, example)}
        several = {200: Answered("All of them", SubscriptionBody, example, listed="subscriptions", paged=False)}
        key = {200: Answered("The key", PushKeyBody, self.key_body(P256DH))}
        gone = {204: Answered("Removed: it is told nothing any more")}
        told = partial(operation, "contacts")
        off = "404 too where this system pushes nothing: no VAPID key is set."
        take = "The JSON of the browser's PushSubscription. One that somebody else has subscribed is the caller's then."
        ask = told("getPushKey", "The key that browsers subscribe with", key, "not_found", about=off)
        browse = told("listSubscriptions", "The browsers that show one's messages", several)
        problems = ("not_found", "too_many_subscriptions")
        put = told("putSubscription", "Have a browser show them", one, *problems, takes=PUT, about=f"{take} {off}")
        get = told("getSubscription", "Whether a browser shows them", one, "not_found")
        remove = told("removeSubscription", "Have a browser show them no more", gone, "not_found")
        path, read, change = f"/contacts/{PUSH}", Action.READ_CONTACT, Action.CHANGE_CONTACT
        return (
            route("GET", f"{path}/key", self.key, Action.READ_PUSH_KEY, ask),
            route("GET", path, self.browse, read, browse),
            route("PUT", path, self.put, change, put),
            route("GET", f"{path}/{{subscription:str}}", self.get, read, get),
            route("DELETE", f"{path}/{{subscription:str}}", self.remove, change, remove),
        )

    async def key(self, call: Call) -> Reply:
        return call.answer(self.key_body(self.subscribe.public_key()))

    async def browse(self, call: Call) -> Reply:
        mine = [self.body(contact) for contact in await self.subscribe.list(call.owner)]
        return call.answer({"_embedded": {"subscriptions": mine}, "_links": {"self": Link(self.url)}})

    async def put(self, call: Call) -> Reply:
        given = await call.body(PUT)
        keys = given.get("keys") or {}
        order = Subscribe(
            endpoint=_said("endpoint", given.get("endpoint")),
            p256dh=_said("keys.p256dh", keys.get("p256dh")),
            auth=_said("keys.auth", keys.get("auth")),
        )
        return call.answer(self.body(await self.subscribe.put(order, call.owner)))

    async def get(self, call: Call) -> Reply:
        return call.answer(self.body(await self.subscribe.one(_place(call), call.owner)))

    async def remove(self, call: Call) -> Reply:
        await self.subscribe.remove(_place(call), call.owner)
        return nothing()

    def body(self, contact: Contact) -> SubscriptionBody:
        return SubscriptionBody(contact.place, {"self": Link(f"{self.url}/{contact.place}")})

    def key_body(self, key: str) -> PushKeyBody:
        return PushKeyBody(key, {"self": Link(f"{self.url}/key")})


def _said(name: str, value: object) -> str:
    """Raises Invalid, without the value."""
    if not isinstance(value, str):
        raise Invalid(name, None if value is None else "…", "a string, as the browser gives it")
    return value


def _place(call: Call) -> str:
    place: str = call.scope["path_params"]["subscription"]
    return place
