from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.memory.database import MemoryDatabase, Row
from adapters.memory.lists import page
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Event, Kept
from myticket_core.paging import Page, Paging
from myticket_core.payment.model import Payment, PaymentId, Status
from myticket_core.payment.ports import Settle

SORTABLE = ("id", "booking_id", "ticket_id", "price", "status", "created_at")


class MemoryPaymentBook:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def change(self, booking_id: int, decide: Settle, cause: Cause) -> Payment:
        return self._changed(booking_id, decide, cause)

    async def change_once(self, booking_id: int, decide: Settle, cause: Cause) -> Kept[Payment]:
        kept = self._db.kept("payment", cause)
        if kept is not None:
            return Kept(self._db.payments[kept], repeated=True)
        return Kept(self._changed(booking_id, decide, cause, *self._db.key("payment", cause, booking_id)))

    async def recover(self, told: Payment, said: Event, cause: Cause) -> None:
        known = self._db.payments.get(told.booking_id)
        after = told if known is None else known.recovered(told)
        if after is not known and not self._db.handled(cause):
            self._store(after, (), cause)

    async def get(self, id: PaymentId, owner: Scope) -> Payment:
        found = next((payment for payment in self._db.payments.values() if payment.id == id), None)
        if found is None:
            raise NotFound("payment", id)
        return found.owned(owner)

    async def of_booking(self, booking_id: int, owner: Scope) -> Payment:
        payment = self._db.payments.get(booking_id)
        if payment is None or not covers(owner, payment):
            raise NotFound("payment of book", booking_id)
        return payment

    async def of_bookings(self, ids: Sequence[int], owner: Scope) -> Sequence[Payment]:
        """Those of the numbered bookings' payments that are the owner's."""
        return [it for it in self._db.payments.values() if it.booking_id in ids and covers(owner, it)]

    async def list(self, owner: Scope, paging: Paging) -> Page[Payment]:
        return page((payment for payment in self._db.payments.values() if covers(owner, payment)), paging, SORTABLE)

    async def unsettled(
        self, asked_before: datetime, due_by: datetime, after: PaymentId, limit: int
    ) -> Sequence[Payment]:
        return [it for it in self._after(after) if unsettled(it, asked_before, due_by)][:limit]

    async def troubled(self, after: PaymentId, limit: int) -> Sequence[Payment]:
        return [it for it in self._after(after) if it.doubt_until or it.status is Status.CANCELING][:limit]

    def _after(self, after: PaymentId) -> Sequence[Payment]:
        beyond = (it for it in self._db.payments.values() if it.id > after)
        return sorted(beyond, key=lambda payment: payment.id)

    def _changed(self, booking_id: int, decide: Settle, cause: Cause, *rows: Row) -> Payment:
        payment = self._db.payments.get(booking_id)
        if payment is not None and self._db.handled(cause):
            return payment
        payment, events = decide(payment, PaymentId(self._db.last_payment + 1))
        self._store(payment, events, cause, *rows)
        return payment

    def _store(self, payment: Payment, events: Sequence[Event], cause: Cause, *rows: Row) -> None:
        self._db.commit(cause, events, (self._db.payments, payment.booking_id, payment), *rows)
        self._db.last_payment = max(self._db.last_payment, payment.id)


def covers(owner: Scope, payment: Payment) -> bool:
    return owner.covers(company_id=payment.company_id, customer_id=payment.customer_id)


def unsettled(payment: Payment, asked_before: datetime, due_by: datetime) -> bool:
    """A refund is due, or a charge may have happened that nobody heard the end of."""
    refund = payment.refund
    if refund is not None and refund.open:
        return refund.due_at is None or refund.due_at <= due_by
    return payment.doubt_until is not None and (payment.asked_at is None or payment.asked_at < asked_before)
