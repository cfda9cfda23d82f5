"""Contacts: R6, R7, where one is reached outside the list of one's notifications, and whether one wants that."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.problems import Missing, TooManyConfirmations, WrongCode
from myticket_core.access import Action
from myticket_core.notification import contact
from myticket_core.notification.reach import Confirm, Reach, ReachPeople

OF: Final = "alarm"


_ABOUT: Final = (
    "`wanted` false: the address is kept, nothing is sent there. `confirmed` false: nothing but a code. "
    "`sends` false: over this channel nothing is sent from here at all, no code either"
)


@strawberry.type(description=_ABOUT)
class Contact:
    OF: ClassVar = OF
    channel: str
    address: str
    wanted: bool
    confirmed: bool
    sends: bool


@strawberry.type(description="Nothing is sent there any more")
class ContactRemoved:
    channel: str


@strawberry.type
class ContactQueries:
    @answers("Contact", Action.READ_CONTACT, OF, Contact, Missing)
    async def contact(self, info: Info, channel: str) -> Any:
        """Where one is reached over a channel (email)."""
        return _told(info, await _cases(info).one(channel, owner(info)))


@strawberry.type
class ContactMutations:
    @does("PutContact", Action.CHANGE_CONTACT, OF, Contact, Missing, TooManyConfirmations)
    async def put_contact(self, info: Info, channel: str, address: str, wanted: bool = True) -> Any:
        """Say where one is reached, and whether one wants it; an address that is not confirmed yet is sent a code."""
        order = Reach(channel=channel, address=address, wanted=wanted)
        cause = info.context.asker.cause("/contacts/{channel}", None, order)
        return _told(info, await _cases(info).put(order, owner(info), cause))

    @does("ConfirmContact", Action.CHANGE_CONTACT, OF, Contact, Missing, WrongCode)
    async def confirm_contact(self, info: Info, channel: str, code: str) -> Any:
        """Say back the code that was sent there."""
        return _told(info, await _cases(info).confirm(Confirm(channel=channel, code=code), owner(info)))

    @does("RemoveContact", Action.CHANGE_CONTACT, OF, ContactRemoved, Missing)
    async def remove_contact(self, info: Info, channel: str) -> Any:
        """Be reached there no more."""
        await _cases(info).remove(channel, owner(info))
        return ContactRemoved(channel=channel)


def _told(info: Info, it: contact.Contact) -> Contact:
    sends = _cases(info).sends(it.channel)
    return Contact(channel=it.channel, address=it.address, wanted=it.wanted, confirmed=it.confirmed, sends=sends)


def _cases(info: Info) -> ReachPeople:
    assert info.context.cases.alarm is not None
    return info.context.cases.alarm.reach
