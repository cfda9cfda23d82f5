from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.database import MemoryDatabase
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.notification.contact import Contact


class MemoryContacts:
    def __init__(self, database: MemoryDatabase) -> None:
        self._kept = database.contacts

    async def put(self, contact: Contact) -> None:
        self._kept[contact.recipient, contact.channel] = contact

    async def remove(self, recipient: Scope, channel: str) -> None:
        if self._kept.pop((recipient, channel), None) is None:
            raise NotFound("contact", channel)

    async def of(self, recipient: Scope) -> Sequence[Contact]:
        mine = (contact for contact in self._kept.values() if contact.recipient == recipient)
        return sorted(mine, key=lambda contact: contact.channel)
