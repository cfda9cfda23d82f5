from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, func, literal, literal_column, null, select, text, union_all

from adapters.persistence.buckets import KIND as BUCKETS
from adapters.persistence.buckets import owed, take
from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind, Tally
from adapters.persistence.notification_rows import recipient_of
from adapters.persistence.schema.alarm import CONTACTS, PLACES
from adapters.persistence.schema.types import Moment, micros
from adapters.persistence.statements import Values
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.notification.contact import Contact, Pending, elsewhere
from myticket_core.notification.model import ELSEWHERE
from myticket_core.notification.ports import Allow, Become

_moment: Final = Moment()
_CONTACT: Final = CONTACTS.c
_PLACE: Final = PLACES.c
_WHICH: Final[Any] = bindparam("which")
_OF: Final[Any] = union_all(
    select(
        _CONTACT.channel,
        literal("").label("place"),
        _CONTACT.address,
        _CONTACT.wanted,
        _CONTACT.code,
        _CONTACT.code_until,
    ).where(_CONTACT.recipient == _WHICH),
    select(
        _PLACE.channel, _PLACE.place, _PLACE.address, _PLACE.wanted, null().label("code"), null().label("code_until")
    ).where(_PLACE.recipient == _WHICH),
).order_by("channel", "place")
_REMOVE: Final = delete(CONTACTS).where(_CONTACT.recipient == _WHICH, _CONTACT.channel == bindparam("over"))
_THERE: Final = (_CONTACT.channel == bindparam("over"), func.lower(_CONTACT.address) == func.lower(bindparam("there")))
_COUNT_THERE: Final = select(func.count()).select_from(CONTACTS).where(*_THERE)
_REMOVE_THERE: Final = delete(CONTACTS).where(*_THERE)
_REMOVE_PLACE: Final = delete(PLACES).where(
    _PLACE.recipient == _WHICH, _PLACE.channel == bindparam("over"), _PLACE.place == bindparam("where")
)


_OVER: Final[Mapping[str, Mapping[str, ColumnElement[Any]]]] = {
    it: {"channel": literal_column(f"'{it}'")} for it in sorted(ELSEWHERE)
}
"""Only what is ours stands in a statement: a channel that somebody typed is looked up, and never becomes SQL."""
_NAMELESS: Final = {it: Kind[Values](CONTACTS, "recipient", tuple, tuple, pinned=_OVER[it]) for it in _OVER}
"""Those in the place without a name."""
_TALLIES: Final = {it: Tally[Values](_PLACE.recipient, text(f"channel = '{it}'"), itemgetter(1)) for it in _OVER}
_PLACES: Final = {it: Kind[Values](PLACES, "place", tuple, tuple, pinned=_OVER[it], tally=_TALLIES[it]) for it in _OVER}
"""Those with a name, counted by their recipient: the second of a row."""


class SqlContacts:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, contact: Contact, allow: Allow | None = None) -> None:
        if contact.place:
            said = (contact.place, recipient_of(contact.recipient), contact.address, contact.wanted)
            await self._put_place(_PLACES[elsewhere(contact.channel)], said, allow)
        else:
            await self.change(contact.recipient, contact.channel, lambda *_: (contact, {}))

    async def _put_place(self, kind: Kind[Values], row: Values, allow: Allow | None) -> None:
        place, whose, *_ = row

        def apply(draft: Draft) -> None:
            before = draft.find(kind, place)
            if allow is not None:
                allow(draft.count(kind, whose) - (before is not None and before[1] == whose))
            draft.put(kind, place, row)

        counts = () if allow is None else ((kind, whose),)
        await self._db.write(Write(apply, reads=((kind, place),), counts=counts))

    async def change(self, recipient: Scope, channel: str, become: Become, buckets: Sequence[str] = ()) -> Contact:
        kind, whose = _NAMELESS[elsewhere(channel)], recipient_of(recipient)

        def apply(draft: Draft) -> Contact:
            row = draft.find(kind, whose)
            before = None if row is None else _contact(recipient, channel, "", *row[1:])
            contact, taken = become(before, owed(draft, buckets))
            if contact != before:
                draft.put(kind, whose, (whose, *_said(contact)))
            take(draft, taken)
            return contact

        reads = ((kind, whose), *((BUCKETS, name) for name in buckets))
        return await self._db.write(Write(apply, reads=reads))

    async def remove(self, recipient: Scope, channel: str, place: str = "") -> None:
        if (channel, place) not in [(contact.channel, contact.place) for contact in await self.of(recipient)]:
            raise NotFound("contact", place or channel)
        which = (recipient_of(recipient), channel)
        if place:
            await self._db.write(Write(lambda draft: draft.run(_REMOVE_PLACE, (*which, place))))
        else:
            await self._db.write(Write(lambda draft: draft.run(_REMOVE, which)))

    async def forget(self, channel: str, address: str) -> int:
        ((count,),) = await self._db.scan(_COUNT_THERE, over=channel, there=address)
        if count:
            await self._db.write(Write(lambda draft: draft.run(_REMOVE_THERE, (channel, address))))
        return int(count)

    async def of(self, recipient: Scope) -> Sequence[Contact]:
        rows = await self._db.rows(_OF, which=recipient_of(recipient))
        return [_contact(recipient, *row) for row in rows]


def _said(it: Contact) -> Values:
    """The columns of one without a name, after those of its key."""
    pending = (None, None) if it.pending is None else (it.pending.code, micros(it.pending.until))
    return (it.address, it.wanted, *pending)


def _contact(
    recipient: Scope, channel: str, place: str, address: str, wanted: object, code: str | None, until: int | None
) -> Contact:
    pending = None if code is None or until is None else Pending(code, _moment.decode(until))
    return Contact(
        recipient=recipient, channel=channel, place=place, address=address, wanted=bool(wanted), pending=pending
    )
