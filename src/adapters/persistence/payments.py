from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import and_, bindparam, or_

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind
from adapters.persistence.listing import Listing, owner_of, owners
from adapters.persistence.refunds import FLAT
from adapters.persistence.schema.pay import PAYMENTS, UNSETTLED
from adapters.persistence.schema.types import micros
from adapters.persistence.statements import among
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Event, Kept
from myticket_core.paging import Page, Paging
from myticket_core.payment.model import Payment, PaymentId, RefundStatus, Status
from myticket_core.payment.ports import Settle

KIND: Final = Kind(
    table=PAYMENTS,
    key="booking_id",
    state=FLAT.state,
    row=FLAT.row,
    status=lambda payment: payment.status.value,
)
_LISTED: Final = Listing(KIND, ("id", "booking_id", "ticket_id", "price", "status", "created_at"), narrow=owners(KIND))
_COLUMN = PAYMENTS.c
_BY_ID: Final = KIND.selected.where(_COLUMN.id == bindparam("which"))
_MANY: Final = KIND.selected.where(among(_COLUMN.booking_id, "ids"))
_TROUBLED: Final = (
    KIND.selected.where(UNSETTLED, _COLUMN.id > bindparam("after")).order_by(_COLUMN.id).limit(bindparam("limit"))
)
_REFUND_DUE: Final = and_(
    _COLUMN.status == Status.CANCELING.value,
    or_(_COLUMN.refund_status.is_(None), _COLUMN.refund_status != RefundStatus.FAILED.value),
    or_(_COLUMN.refund_due_at.is_(None), _COLUMN.refund_due_at <= bindparam("due_by")),
)
_DOUBTED: Final = and_(
    _COLUMN.doubt_until.is_not(None), or_(_COLUMN.asked_at.is_(None), _COLUMN.asked_at < bindparam("before"))
)
_UNSETTLED: Final = _TROUBLED.where(or_(_REFUND_DUE, _DOUBTED))


class SqlPaymentBook:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def change(self, booking_id: int, decide: Settle, cause: Cause) -> Payment:
        """A number is asked for where there turns out to be no payment yet: most often there is one."""
        reads = ((KIND, booking_id),)
        try:
            return await self._db.write(Write(partial(_of_that, booking_id, decide), reads=reads, cause=cause))
        except _None:
            return await self._db.write(Write(partial(_changed, booking_id, decide), reads, adds=KIND, cause=cause))

    async def change_once(self, booking_id: int, decide: Settle, cause: Cause) -> Kept[Payment]:
        def apply(draft: Draft) -> Kept[Payment]:
            kept = draft.kept()
            if kept is not None:
                return Kept(draft.get(KIND, kept, "payment of book"), repeated=True)
            payment = _changed(booking_id, decide, draft)
            draft.add(KIND, booking_id, payment)
            return Kept(payment)

        return await self._db.write(Write(apply, reads=((KIND, booking_id),), adds=KIND, keyed=True, cause=cause))

    async def recover(self, told: Payment, said: Event, cause: Cause) -> None:
        def apply(draft: Draft) -> None:
            known = draft.find(KIND, told.booking_id)
            draft.recover(KIND, told.booking_id, known.recovered(told) if known else told, said)

        reads = ((KIND, told.booking_id),)
        await self._db.write(Write(apply, reads=reads, numbered=(KIND, told.id), cause=cause))

    async def get(self, id: PaymentId, owner: Scope) -> Payment:
        for row in await self._db.rows(_BY_ID, which=id):
            return KIND.state(row).owned(owner)
        raise NotFound("payment", id)

    async def of_booking(self, booking_id: int, owner: Scope) -> Payment:
        for row in await self._db.rows(KIND.one, which=booking_id):
            payment = KIND.state(row)
            if owner.covers(company_id=payment.company_id, customer_id=payment.customer_id):
                return payment
        raise NotFound("payment of book", booking_id)

    async def of_bookings(self, ids: Sequence[int], owner: Scope) -> Sequence[Payment]:
        """Those of the numbered bookings' payments that are the owner's."""
        found = [KIND.state(row) for row in await self._db.rows(_MANY, ids=ids)]
        return [it for it in found if owner.covers(company_id=it.company_id, customer_id=it.customer_id)]

    async def list(self, owner: Scope, paging: Paging) -> Page[Payment]:
        return await _LISTED.page(self._db, paging, **owner_of(owner))

    async def unsettled(
        self, asked_before: datetime, due_by: datetime, after: PaymentId, limit: int
    ) -> Sequence[Payment]:
        moments = {"before": micros(asked_before), "due_by": micros(due_by)}
        rows = await self._db.rows(_UNSETTLED, **moments, after=after, limit=limit)
        return [KIND.state(row) for row in rows]

    async def troubled(self, after: PaymentId, limit: int) -> Sequence[Payment]:
        return [KIND.state(row) for row in await self._db.rows(_TROUBLED, after=after, limit=limit)]


class _None(Exception):
    """There is no payment of that booking yet."""


def _of_that(booking_id: int, decide: Settle, draft: Draft) -> Payment:
    if draft.find(KIND, booking_id) is None:
        raise _None
    return _changed(booking_id, decide, draft)


def _changed(booking_id: int, decide: Settle, draft: Draft) -> Payment:
    payment = draft.find(KIND, booking_id)
    if payment is not None and draft.repeated:
        return payment
    id = draft.number(KIND) if payment is None else payment.id
    payment, events = decide(payment, PaymentId(id))
    draft.put(KIND, booking_id, payment)
    draft.tell(events)
    return payment
