"""/contacts: R6, R7, where one is reached outside the list of one's notifications, and whether one wants that."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Final

from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct
from msgspec import field as member

from adapters.rest.call import Call
from adapters.rest.hal import Link, Links
from adapters.rest.problems import Problem
from adapters.rest.reading import TRUTH, Member, Shape, text
from adapters.rest.reply import Reply, nothing
from adapters.rest.revalidating import only_anew
from adapters.rest.routes import Answered, operation, route
from myticket_core.access import Action, Scope
from myticket_core.errors import Invalid, NotFound
from myticket_core.notification.contact import LONGEST, Contact
from myticket_core.notification.model import EMAIL
from myticket_core.notification.reach import Confirm, Reach, ReachPeople


class ContactBody(Struct):
    """`wanted` false: the address is kept, nothing is sent there. `confirmed` false: nothing but the code that does.

    `sends` false: over this channel nothing is sent from here at all, no code either.
    """

    channel: str
    address: Annotated[str, Meta(max_length=LONGEST)]
    wanted: bool
    confirmed: bool
    sends: bool
    links: Links = member(name="_links")


PUT: Final = Shape("Contact", (
    Member("address", text(LONGEST), "Where: for email local@domain", "kim@example.com", required=True),
    Member("wanted", TRUTH, "Whether anything is to be sent there; true if it is not said", True),
))  # fmt: skip
CODE: Final = Member("code", text(64), "Of the mail that was sent to the address", "4f0c…", required=True)
CONFIRM: Final = Shape("ContactConfirmation", (CODE,))
_PUT: Final = "Say where one is reached, and whether one wants it"
_ASKED: Final = (
    "A mail with a code goes to an address that is not confirmed yet, where mails are sent at all (`sends`)."
)
_EITHER: Final = "`sends` is told with 404 too: whether an address is of any use can be known before one is given."
_CONFIRM: Final = "Say back the code that was sent there"


class Contacts:
    def __init__(self, reach: ReachPeople, url: str) -> None:
        self.reach, self.url = reach, f"{url}/contacts"

    def routes(self) -> Sequence[HTTPRouteHandler]:
        one = {200: Answered("The contact", ContactBody, self.body(EXAMPLE, sends=True))}
        gone = {204: Answered("Removed: nothing is sent there any more")}
        told, path, change = partial(operation, "contacts"), "/contacts/{channel:str}", Action.CHANGE_CONTACT
        get = told("getContact", "Where one is reached over a channel (email)", one, "not_found", about=_EITHER)
        refused = ("not_found", "changed_meanwhile", "too_many_confirmations")
        put = told("putContact", _PUT, one, *refused, takes=PUT, about=_ASKED, anew=True)
        confirm = told("confirmContact", _CONFIRM, one, "not_found", "wrong_code", takes=CONFIRM)
        remove = told("removeContact", "Be reached there no more", gone, "not_found")
        return (
            route("GET", path, self.get, Action.READ_CONTACT, get),
            route("PUT", path, self.put, change, put),
            route("POST", f"{path}/confirmation", self.confirm, change, confirm),
            route("DELETE", path, self.remove, change, remove),
        )

    async def get(self, call: Call) -> Reply:
        channel = _channel(call)
        try:
            return self.told(call, await self.reach.one(channel, call.owner))
        except NotFound as none:
            raise Problem("not_found", str(none), sends=self.reach.sends(channel)) from None

    async def put(self, call: Call) -> Reply:
        given = await call.body(PUT)
        if given.get("address") is None:
            raise Invalid("address", None, "an address of the channel")
        said = {"address": given["address"], "wanted": given.get("wanted", True), "anew": only_anew(call)}
        order = Reach(channel=_channel(call), **said)
        return self.told(call, await self.reach.put(order, call.owner, call.cause()))

    async def confirm(self, call: Call) -> Reply:
        code = (await call.body(CONFIRM)).get("code")
        if code is None:
            raise Invalid("code", None, "the code of a mail")
        return self.told(call, await self.reach.confirm(Confirm(channel=_channel(call), code=code), call.owner))

    async def remove(self, call: Call) -> Reply:
        await self.reach.remove(_channel(call), call.owner)
        return nothing()

    def told(self, call: Call, contact: Contact) -> Reply:
        return call.answer(self.body(contact, self.reach.sends(contact.channel)))

    def body(self, contact: Contact, sends: bool) -> ContactBody:
        links = {"self": Link(f"{self.url}/{contact.channel}")}
        return ContactBody(contact.channel, contact.address, contact.wanted, contact.confirmed, sends, links)


def _channel(call: Call) -> str:
    channel: str = call.scope["path_params"]["channel"]
    return channel


EXAMPLE: Final = Contact(recipient=Scope(customer_id=1), channel=EMAIL, address="kim@example.com")
