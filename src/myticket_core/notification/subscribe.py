"""R6, R7. One's own browsers: which of them show messages, also while no page is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from myticket_core.access import Scope
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import command
from myticket_core.notification.contact import Contact
from myticket_core.notification.model import PUSH
from myticket_core.notification.ports import Contacts
from myticket_core.notification.reach import somebody
from myticket_core.notification.subscription import Subscription

MOST: Final = 20
"""Browsers of one recipient: each makes one more message of every fact."""


@command
class Subscribe:
    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


@frozen
class SubscribeBrowsers:
    """`key` is the public one that browsers subscribe with (VAPID, RFC 8292); None: nothing is pushed here.

    `near`: push services may be on this machine and its network. What is somebody else's is NotFound.
    """

    contacts: Contacts
    key: str | None = None
    near: bool = False

    def public_key(self) -> str:
        """Raises NotFound."""
        if self.key is None:
            raise NotFound("channel", f"{PUSH} here: no VAPID key is set, and nothing is pushed")
        return self.key

    async def list(self, owner: Scope) -> Sequence[Contact]:
        return [contact for contact in await self.contacts.of(somebody(owner)) if contact.channel == PUSH]

    async def one(self, place: str, owner: Scope) -> Contact:
        for contact in await self.list(owner):
            if contact.place == place:
                return contact
        raise NotFound("subscription", place)

    async def put(self, order: Subscribe, owner: Scope) -> Contact:
        """A browser that somebody else has subscribed is the owner's from now on."""
        self.public_key()
        said = Subscription(order.endpoint, order.p256dh, order.auth).checked(self.near)
        contact = Contact(recipient=somebody(owner), channel=PUSH, place=said.place, address=said.written())
        await self.contacts.put(contact, _one_more)
        return contact

    async def remove(self, place: str, owner: Scope) -> None:
        await self.contacts.remove(somebody(owner), PUSH, place)


def _one_more(others: int) -> None:
    if others >= MOST:
        raise Rejected("too_many_subscriptions", f"of {MOST} browsers one has to be removed first", limit=MOST)
