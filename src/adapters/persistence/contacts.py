from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Insert, Table, bindparam, delete, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words

from adapters.persistence.database import Database
from adapters.persistence.draft import Write
from adapters.persistence.notification_rows import recipient_of
from adapters.persistence.schema.alarm import CONTACTS, PLACES
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.notification.contact import Contact


def _put(table: Table) -> Insert:
    """The new row, or its values in the one that has its key."""
    new = insert(table).values({column.name: bindparam(column.name) for column in table.c})
    said = {column.name: new.excluded[column.name] for column in table.c if not column.primary_key}
    return new.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=said)


_CONTACT: Final = CONTACTS.c
_PLACE: Final = PLACES.c
_PUT: Final = _put(CONTACTS)
_PUT_PLACE: Final = _put(PLACES)
_WHICH: Final[Any] = bindparam("which")
_OF: Final[Any] = union_all(
    select(_CONTACT.channel, literal("").label("place"), _CONTACT.address, _CONTACT.wanted).where(
        _CONTACT.recipient == _WHICH
    ),
    select(_PLACE.channel, _PLACE.place, _PLACE.address, _PLACE.wanted).where(_PLACE.recipient == _WHICH),
).order_by("channel", "place")
_REMOVE: Final = delete(CONTACTS).where(_CONTACT.recipient == _WHICH, _CONTACT.channel == bindparam("over"))
_REMOVE_PLACE: Final = delete(PLACES).where(
    _PLACE.recipient == _WHICH, _PLACE.channel == bindparam("over"), _PLACE.place == bindparam("where")
)


class SqlContacts:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, contact: Contact) -> None:
        whose, said = recipient_of(contact.recipient), (contact.address, contact.wanted)
        if contact.place:
            row = (contact.channel, contact.place, whose, *said)
            await self._db.write(Write(lambda draft: draft.run(_PUT_PLACE, row)))
        else:
            await self._db.write(Write(lambda draft: draft.run(_PUT, (whose, contact.channel, *said))))

    async def remove(self, recipient: Scope, channel: str, place: str = "") -> None:
        if (channel, place) not in [(contact.channel, contact.place) for contact in await self.of(recipient)]:
            raise NotFound("contact", place or channel)
        which = (recipient_of(recipient), channel)
        if place:
            await self._db.write(Write(lambda draft: draft.run(_REMOVE_PLACE, (*which, place))))
        else:
            await self._db.write(Write(lambda draft: draft.run(_REMOVE, which)))

    async def of(self, recipient: Scope) -> Sequence[Contact]:
        rows = await self._db.rows(_OF, which=recipient_of(recipient))
        return [
            Contact(recipient=recipient, channel=channel, place=place, address=address, wanted=bool(wanted))
            for channel, place, address, wanted in rows
        ]
