from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, Insert, Table, bindparam, delete, literal, literal_column, select, text, union_all
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind, Tally
from adapters.persistence.notification_rows import recipient_of
from adapters.persistence.schema.alarm import CONTACTS, PLACES
from adapters.persistence.statements import Values
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.notification.contact import Contact
from myticket_core.notification.ports import Allow


def _put(table: Table) -> Insert:
    """The new row, or its values in the one that has its key."""
    new = insert(table).values({column.name: bindparam(column.name) for column in table.c})
    said = {column.name: new.excluded[column.name] for column in table.c if not column.primary_key}
    return new.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=said)


_CONTACT: Final = CONTACTS.c
_PLACE: Final = PLACES.c
_PUT: Final = _put(CONTACTS)
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


@cache
def _places(channel: str) -> Kind[Values]:
    """Those with a name over a channel of ours, counted by their recipient: the second of a row."""
    here = f"channel = '{channel}'"
    pinned: Mapping[str, ColumnElement[Any]] = {"channel": literal_column(f"'{channel}'")}
    return Kind(PLACES, "place", tuple, tuple, pinned=pinned, tally=Tally(_PLACE.recipient, text(here), itemgetter(1)))


class SqlContacts:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, contact: Contact, allow: Allow | None = None) -> None:
        whose, said = recipient_of(contact.recipient), (contact.address, contact.wanted)
        if contact.place:
            await self._put_place(_places(contact.channel), (contact.place, whose, *said), allow)
        else:
            await self._db.write(Write(lambda draft: draft.run(_PUT, (whose, contact.channel, *said))))

    async def _put_place(self, kind: Kind[Values], row: Values, allow: Allow | None) -> None:
        place, whose, *_ = row

        def apply(draft: Draft) -> None:
            before = draft.find(kind, place)
            if allow is not None:
                allow(draft.count(kind, whose) - (before is not None and before[1] == whose))
            draft.put(kind, place, row)

        counts = () if allow is None else ((kind, whose),)
        await self._db.write(Write(apply, reads=((kind, place),), counts=counts))

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
