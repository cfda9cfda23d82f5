from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words

from adapters.persistence.database import Database
from adapters.persistence.draft import Write
from adapters.persistence.notification_rows import recipient_of
from adapters.persistence.schema.alarm import CONTACTS
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.notification.contact import Contact

_COLUMN: Final = CONTACTS.c
_NEW: Final = insert(CONTACTS).values({column.name: bindparam(column.name) for column in _COLUMN})
_PUT: Final = _NEW.on_conflict_do_update(
    index_elements=["recipient", "channel"],
    set_={"address": _NEW.excluded.address, "wanted": _NEW.excluded.wanted},
)
_OF: Final = (
    select(_COLUMN.channel, _COLUMN.address, _COLUMN.wanted)
    .where(_COLUMN.recipient == bindparam("which"))
    .order_by(_COLUMN.channel)
)
_REMOVE: Final = delete(CONTACTS).where(_COLUMN.recipient == bindparam("which"), _COLUMN.channel == bindparam("over"))


class SqlContacts:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, contact: Contact) -> None:
        row = (recipient_of(contact.recipient), contact.channel, contact.address, contact.wanted)
        await self._db.write(Write(lambda draft: draft.run(_PUT, row)))

    async def remove(self, recipient: Scope, channel: str) -> None:
        if channel not in [contact.channel for contact in await self.of(recipient)]:
            raise NotFound("contact", channel)
        await self._db.write(Write(lambda draft: draft.run(_REMOVE, (recipient_of(recipient), channel))))

    async def of(self, recipient: Scope) -> Sequence[Contact]:
        rows = await self._db.rows(_OF, which=recipient_of(recipient))
        return [
            Contact(recipient=recipient, channel=channel, address=address, wanted=bool(wanted))
            for channel, address, wanted in rows
        ]
