"""R6, R7. One's own contacts: where one is reached, whether one wants that, and that it is one's own address."""

from __future__ import annotations

from attrs import field, frozen

from myticket_core.access import Scope
from myticket_core.errors import Forbidden, Invalid, NotFound, Rejected
from myticket_core.messages import Cause, command
from myticket_core.notification.asking import Asking
from myticket_core.notification.bucket import Owed
from myticket_core.notification.confirming import confirmation, confirmed
from myticket_core.notification.contact import REACHED, Contact
from myticket_core.notification.ports import Contacts, Notifications
from myticket_core.ports import Clock, Ids


@command
class Reach:
    """`anew`: only where there is none yet."""

    channel: str
    address: str = field(repr=False)
    wanted: bool = True
    anew: bool = False


@command
class Confirm:
    channel: str
    code: str = field(repr=False)


@frozen
class ReachPeople:
    """A channel that reaches nobody elsewhere is NotFound. Over those of `sending` mails are sent.

    A mail begins with `prefix`, and leads to `page`, which takes a code; None: there are no pages.
    """

    contacts: Contacts
    notifications: Notifications
    clock: Clock
    ids: Ids
    sending: tuple[str, ...] = ()
    prefix: str = "Hello"
    page: str | None = None

    def sends(self, channel: str) -> bool:
        """Whether anything goes out over it from here, a code or a message."""
        return channel in self.sending

    async def one(self, channel: str, owner: Scope) -> Contact:
        for contact in await self.contacts.of(somebody(owner)):
            if (contact.channel, contact.place) == (channel, ""):
                return contact
        raise NotFound("contact", channel)

    async def put(self, order: Reach, owner: Scope, cause: Cause) -> Contact:
        """An address that is not confirmed is sent a code, also when it is the same as before.

        Raises Rejected("too_many_confirmations" | "changed_meanwhile"): nothing is stored then.
        """
        asking = Asking(_given(order, owner), self.ids.secret(), self.clock.now(), self.sends(order.channel))
        _, mailbox = asking.buckets
        sends = False

        def become(before: Contact | None, owed: Owed) -> tuple[Contact, Owed]:
            nonlocal sends
            if order.anew and before is not None:
                raise Rejected("changed_meanwhile", "there is a contact already")
            after, taken = asking.decided(before, owed)
            sends = mailbox in taken
            return after, taken

        contact = await self.contacts.change(asking.given.recipient, order.channel, become, asking.buckets)
        if sends:
            mail = confirmation(contact, asking.now, cause.correlation_id, self.prefix, self.page)
            await self.notifications.add([mail], asking.now, cause)
        return contact

    async def confirm(self, order: Confirm, owner: Scope) -> Contact:
        """What is confirmed stays so, whatever the code. Raises NotFound, Rejected("wrong_code")."""
        now = self.clock.now()

        def become(before: Contact | None, _: Owed) -> tuple[Contact, Owed]:
            if before is None:
                raise NotFound("contact", order.channel)
            return confirmed(before, order.code, now), {}

        return await self.contacts.change(somebody(owner), order.channel, become)

    async def remove(self, channel: str, owner: Scope) -> None:
        await self.contacts.remove(somebody(owner), channel)


def somebody(owner: Scope) -> Scope:
    """Raises Forbidden."""
    if owner.customer_id is None and owner.company_id is None:
        raise Forbidden("who owns everything is nobody to be reached")
    return owner


def _given(order: Reach, owner: Scope) -> Contact:
    """Raises NotFound, Invalid, Forbidden."""
    if order.channel not in REACHED:
        raise NotFound("channel", order.channel)
    if not isinstance(order.wanted, bool):
        raise Invalid("wanted", order.wanted, "true or false")
    address = REACHED[order.channel](order.address)
    return Contact(recipient=somebody(owner), channel=order.channel, address=address, wanted=order.wanted)
