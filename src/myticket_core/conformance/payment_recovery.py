"""Payments that were told of and are lost, or not as far as was told: as after a store was put back."""

from __future__ import annotations

from typing import Final

from myticket_core.access import EVERYTHING
from myticket_core.conformance.base import Conformance
from myticket_core.conformance.builders import cause, told
from myticket_core.conformance.payment_store import PaymentStore, approved, canceled, paid, refunded, requested
from myticket_core.messages import Event
from myticket_core.payment.model import Payment, PaymentId, Status

LOST: Final = PaymentId(1_000)


def _told(booking_id: int, customer_id: int = 1) -> tuple[Payment, Event]:
    """A payment nobody has any more, and what was told of it."""
    asked, _ = requested(booking_id, customer_id=customer_id)(None, LOST)
    payment, (said,) = approved(asked, LOST)
    return payment, said


class Recovering(Conformance[PaymentStore]):
    async def test_what_was_told_is_there_again_and_told_to_nobody(self) -> None:
        store = await self.new()
        before, approval = _told(5)
        canceling, _ = canceled(before, LOST)
        after, (refund,) = refunded(canceling, LOST)
        for payment, said in ((before, approval), (after, refund), (before, approval)):
            await store.payments.recover(payment, said, cause(consumer="pay"))
        known = await store.payments.of_booking(5, EVERYTHING)
        self.assertEqual((LOST, Status.CANCELED, after.refund), (known.id, known.status, known.refund))
        self.assertEqual([], await told(store.outbox))
        self.assertGreater((await paid(store, 6)).id, LOST)

    async def test_a_request_that_was_approved_is_in_no_doubt(self) -> None:
        store, (payment, said) = await self.new(), _told(5)
        asked = await store.payments.change(5, requested(5), cause())
        await store.payments.recover(payment, said, cause(consumer="pay"))
        known = await store.payments.of_booking(5, EVERYTHING)
        self.assertEqual((asked.id, Status.APPROVED, None), (known.id, known.status, known.doubt_until))

    async def test_what_is_as_far_or_over_or_anothers_stays_as_it_is(self) -> None:
        store = await self.new()
        tombstone = await store.payments.change(5, requested(5), cause())
        tombstone = await store.payments.change(5, canceled, cause())
        self.assertEqual(Status.VOID, tombstone.status)
        mine = [tombstone, await paid(store, 6), await store.payments.change(7, requested(7), cause())]
        for booking_id, customer_id in ((5, 1), (6, 1), (7, 2)):
            await store.payments.recover(*_told(booking_id, customer_id), cause(consumer="pay"))
        self.assertEqual(mine, [await store.payments.of_booking(id, EVERYTHING) for id in (5, 6, 7)])
