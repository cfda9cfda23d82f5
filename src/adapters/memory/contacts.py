from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.database import MemoryDatabase
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.notification.contact import Contact, elsewhere
from myticket_core.notification.ports import Allow, Become


class MemoryContacts:
    def __init__(self, database: MemoryDatabase) -> None:
        self._kept, self._buckets = database.contacts, database.buckets

    async def put(self, contact: Contact, allow: Allow | None = None) -> None:
        named = (elsewhere(contact.channel), contact.place)
        if allow is not None:
            mine = [place for whose, channel, place in self._kept if (whose, channel) == (contact.recipient, named[0])]
            allow(len({*mine} - {"", contact.place}))
        for before in [it for it in self._kept if contact.place and it[1:] == named]:
            del self._kept[before]
        self._kept[contact.recipient, *named] = contact

    async def change(self, recipient: Scope, channel: str, become: Become, buckets: Sequence[str] = ()) -> Contact:
        owed = {name: self._buckets[name] for name in buckets if name in self._buckets}
        contact, taken = become(self._kept.get((recipient, elsewhere(channel), "")), owed)
        self._kept[recipient, channel, ""] = contact
        self._buckets.update(taken)
        return contact

    async def remove(self, recipient: Scope, channel: str, place: str = "") -> None:
        if self._kept.pop((recipient, channel, place), None) is None:
            raise NotFound("contact", place or channel)

    async def forget(self, channel: str, address: str) -> int:
        found = [
            key
            for key, it in self._kept.items()
            if (key[1], it.place, it.address.lower()) == (channel, "", address.lower())
        ]
        for key in found:
            del self._kept[key]
        return len(found)

    async def of(self, recipient: Scope) -> Sequence[Contact]:
        mine = (contact for contact in self._kept.values() if contact.recipient == recipient)
        return sorted(mine, key=lambda contact: (contact.channel, contact.place))
