"""Looking at payments: in what order, and which are not settled."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from myticket_core.access import EVERYTHING
from myticket_core.conformance.base import Conformance
from myticket_core.conformance.builders import NOW, cause
from myticket_core.conformance.payment_store import (
    DOUBT,
    PaymentStore,
    accepted,
    approved,
    asked_again,
    canceled,
    declined,
    due_refund,
    existing,
    failed,
    paid,
    refunded,
    requested,
)
from myticket_core.messages import Decision
from myticket_core.payment.model import Payment, PaymentId
from myticket_core.payment.ports import Settle

SECOND = timedelta(seconds=1)
START = PaymentId(0)


class Listing(Conformance[PaymentStore]):
    async def test_pages_never_overlap_however_sorted(self) -> None:
        store = await self.new()
        for number in range(10):
            booking_id = 50 - number
            await store.payments.change(booking_id, requested(booking_id, price=number % 3), cause())
            await store.payments.change(booking_id, _aged(number % 4), cause())
            await store.payments.change(booking_id, approved if number % 2 else declined, cause())
        sortable = ("id", "booking_id", "ticket_id", "price", "status", "created_at")
        await self.check_lists(lambda paging: store.payments.list(EVERYTHING, paging), sortable)

    async def test_unsettled_are_refunds_due_and_old_doubts_by_id(self) -> None:
        store = await self.new()
        due = {
            1: (),  # asked at NOW, in doubt
            2: (approved, canceled),  # the refund is due, asked lately or not
            3: (canceled,),  # a tombstone whose charge may be on its way
            4: (approved, canceled, asked_again),
            10: (approved, canceled, accepted, _not_yet),
        }
        settled = {
            5: (approved,),
            6: (declined,),
            7: (approved, canceled, refunded),
            8: (asked_again,),  # in doubt, but asked for too lately
            9: (_undoubted,),
            11: (approved, canceled, failed),
            12: (approved, canceled, accepted),
        }
        for booking_id, steps in {**settled, **due}.items():
            await store.payments.change(booking_id, requested(booking_id), cause())
            for step in steps:
                await store.payments.change(booking_id, step, cause())
        found = await store.payments.unsettled(NOW + SECOND, NOW + SECOND, START, 100)
        self.assertEqual(set(due), {payment.booking_id for payment in found})
        self.assertEqual(sorted(found, key=lambda payment: payment.id), list(found))
        found = await store.payments.unsettled(NOW, NOW, START, 100)
        self.assertEqual({2, 4, 10}, {payment.booking_id for payment in found})
        every = await store.payments.troubled(START, 100)
        self.assertEqual({1, 2, 3, 4, 8, 10, 11, 12}, {payment.booking_id for payment in every})
        self.assertEqual(list(every[3:5]), list(await store.payments.troubled(every[2].id, 2)))

    async def test_the_unsettled_come_in_batches_without_overlap(self) -> None:
        store = await self.new()
        for booking_id in range(1, 8):
            await paid(store, booking_id)
            await store.payments.change(booking_id, canceled, cause())
        every, seen, after = await store.payments.unsettled(NOW, NOW, START, 100), list[Payment](), START
        while batch := await store.payments.unsettled(NOW, NOW, after, 3):
            self.assertLessEqual(len(batch), 3)
            seen += batch
            after = batch[-1].id
        self.assertEqual((7, list(every)), (len(seen), seen))


def _not_yet(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    """Asked about in vain, some time ago."""
    return existing(payment).refund_missed("no answer", due_refund(payment), NOW - 3 * SECOND)


def _aged(minutes: int) -> Settle:
    def decide(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
        return evolve(existing(payment), created_at=NOW - timedelta(minutes=minutes)), ()

    return decide


def _undoubted(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).undoubted(NOW + 2 * DOUBT)
