"""R6, R7. One's own contacts: where one is reached, and whether one wants that."""

from __future__ import annotations

from attrs import field, frozen

from myticket_core.access import Scope
from myticket_core.errors import Forbidden, Invalid, NotFound
from myticket_core.messages import command
from myticket_core.notification.contact import REACHED, Contact
from myticket_core.notification.ports import Contacts


@command
class Reach:
    channel: str
    address: str = field(repr=False)
    wanted: bool = True


@frozen
class ReachPeople:
    """A channel that reaches nobody elsewhere is NotFound."""

    contacts: Contacts

    async def one(self, channel: str, owner: Scope) -> Contact:
        for contact in await self.contacts.of(somebody(owner)):
            if (contact.channel, contact.place) == (channel, ""):
                return contact
        raise NotFound("contact", channel)

    async def put(self, order: Reach, owner: Scope) -> Contact:
        if order.channel not in REACHED:
            raise NotFound("channel", order.channel)
        if not isinstance(order.wanted, bool):
            raise Invalid("wanted", order.wanted, "true or false")
        address = REACHED[order.channel](order.address)
        contact = Contact(recipient=somebody(owner), channel=order.channel, address=address, wanted=order.wanted)
        await self.contacts.put(contact)
        return contact

    async def remove(self, channel: str, owner: Scope) -> None:
        await self.contacts.remove(somebody(owner), channel)


def somebody(owner: Scope) -> Scope:
    """Raises Forbidden."""
    if owner.customer_id is None and owner.company_id is None:
        raise Forbidden("who owns everything is nobody to be reached")
    return owner
