"""Any store of payments. Subclass PaymentBookConformance; `new` gives a PaymentStore."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from myticket_core.access import EVERYTHING, Scope
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.builders import NOW, Boom, boom, cause, said, told
from myticket_core.conformance.payment_keys import ChangingOnce
from myticket_core.conformance.payment_lists import Listing
from myticket_core.conformance.payment_recovery import Recovering
from myticket_core.conformance.payment_store import (
    PaymentStore,
    accepted,
    approved,
    asked_again,
    canceled,
    canceled_in_part,
    failed,
    paid,
    refunded,
    requested,
    retried,
)
from myticket_core.errors import NotFound
from myticket_core.messages import Decision
from myticket_core.paging import Paging
from myticket_core.payment.model import Payment, PaymentId, Status

__all__ = ["PaymentBookConformance", "PaymentStore"]


class Changing(Conformance[PaymentStore]):
    async def test_what_was_stored_is_read_again_in_every_member(self) -> None:
        store = await self.new()
        full = await store.payments.change(5, requested(5, customer_id=7, method="카드 '1'"), cause())
        self.assertGreater(full.id, 0)
        self.assertEqual(full, await store.payments.get(full.id, EVERYTHING))
        self.assertEqual(full, await store.payments.of_booking(5, EVERYTHING))
        full = await store.payments.change(5, approved, cause())
        self.assertEqual(full, await store.payments.get(full.id, EVERYTHING))
        bare = await store.payments.change(6, _bare, cause())
        self.assertEqual(bare, await store.payments.of_booking(6, EVERYTHING))
        for step in (canceled_in_part, accepted, failed, retried, accepted, refunded):
            full = await store.payments.change(5, step, cause())
            self.assertEqual(full, await store.payments.get(full.id, EVERYTHING))

    async def test_state_and_events_change_together(self) -> None:
        store, why = await self.new(), cause()
        payment = await store.payments.change(5, requested(5), cause())
        self.assertEqual([], await told(store.outbox))
        await store.payments.change(5, approved, why)
        (envelope,) = await said(store.outbox)
        self.assertEqual(("PaymentApproved", "pay", 1), (envelope.type, envelope.source, envelope.version))
        self.assertEqual("5", envelope.key, "payments keep the order of their booking")
        self.assertEqual((why.correlation_id, why.id), (envelope.correlation_id, envelope.causation_id))
        self.assertEqual((payment.id, 5), (envelope.data["id"], envelope.data["bookId"]))

    async def test_a_booking_has_one_payment_however_many_ask(self) -> None:
        store = await self.new()
        payments, _ = await race(store.payments.change(5, requested(5), cause()) for _ in range(50))
        self.assertEqual(1, len({payment.id for payment in payments}))
        self.assertEqual(1, (await store.payments.list(EVERYTHING, Paging())).total)

    async def test_each_booking_has_its_own_payment(self) -> None:
        store = await self.new()
        payments, _ = await race(store.payments.change(id, requested(id), cause()) for id in range(1, 21))
        self.assertEqual(20, len({payment.id for payment in payments}))
        for payment in payments:
            self.assertEqual(payment, await store.payments.of_booking(payment.booking_id, EVERYTHING))

    async def test_no_change_is_lost_in_a_race(self) -> None:
        store = await self.new()
        await paid(store, 5)
        await race(store.payments.change(5, asked_again, cause()) for _ in range(50))
        self.assertEqual(NOW + timedelta(minutes=50), (await store.payments.of_booking(5, EVERYTHING)).asked_at)

    async def test_approving_and_canceling_at_once_tell_one_story(self) -> None:
        store = await self.new()
        await store.payments.change(5, requested(5), cause())
        await race(store.payments.change(5, decide, cause()) for decide in (approved, canceled) * 10)
        payment = await store.payments.change(5, refunded, cause())
        self.assertEqual(Status.CANCELED, payment.status)
        versions = [version for _, version in await told(store.outbox)]
        self.assertEqual(list(range(1, payment.version + 1)), versions)

    async def test_a_refund_is_made_and_told_once_whoever_looks(self) -> None:
        """200 times: many workers learn at once that it was given back, or is on its way, or failed."""
        store = await self.new()
        for booking_id in range(1, 201):
            await paid(store, booking_id)
            await store.payments.change(booking_id, canceled_in_part, cause())
            steps = (accepted, refunded, failed, refunded, canceled, accepted)
            _, refusals = await race(store.payments.change(booking_id, step, cause()) for step in steps)
            payment = await store.payments.of_booking(booking_id, EVERYTHING)
            self.assertEqual(([], Status.CANCELED, 10_000), (refusals, payment.status, _back(payment)))
        kinds = Counter(envelope.type for envelope in await said(store.outbox))
        self.assertEqual(200, kinds["PaymentCanceled"])

    async def test_an_event_is_handled_once_by_each_consumer(self) -> None:
        store, why = await self.new(), cause(consumer="pay")
        await paid(store, 5)
        await race(store.payments.change(5, asked_again, why) for _ in range(20))
        once = await store.payments.of_booking(5, EVERYTHING)
        self.assertEqual(NOW + timedelta(minutes=1), once.asked_at)
        self.assertEqual(once, await store.payments.change(5, boom, why), "the decision is not even asked")
        other = await store.payments.change(5, asked_again, cause(consumer="pay"))
        self.assertEqual(NOW + timedelta(minutes=2), other.asked_at)

    async def test_a_failed_decision_leaves_nothing_and_harms_no_other(self) -> None:
        store, why = await self.new(), cause(consumer="pay")

        async def fails() -> None:
            with self.assertRaises(Boom):
                await store.payments.change(99, boom, why)

        good = [store.payments.change(id, requested(id), cause()) for id in range(1, 11)]
        await race([*good[:5], fails(), *good[5:], fails()])
        await self.check_refused(store.payments.of_booking(99, EVERYTHING), NotFound)
        self.assertEqual(10, (await store.payments.list(EVERYTHING, Paging())).total)
        self.assertEqual(99, (await store.payments.change(99, requested(99), why)).booking_id)

    async def test_what_is_not_yours_is_not_found(self) -> None:
        store = await self.new()
        payment = await store.payments.change(5, requested(5, customer_id=7), cause())
        for owner in (Scope(customer_id=7), Scope(company_id=1), Scope(1, 7)):
            self.assertEqual(payment, await store.payments.get(payment.id, owner))
            self.assertEqual(payment, await store.payments.of_booking(5, owner))
        for stranger in (Scope(customer_id=8), Scope(company_id=7), Scope(1, 8), Scope(7, 7)):
            await self.check_refused(store.payments.get(payment.id, stranger), NotFound)
            await self.check_refused(store.payments.of_booking(5, stranger), NotFound)
            self.assertEqual(0, (await store.payments.list(stranger, Paging())).total)
        await self.check_refused(store.payments.get(PaymentId(payment.id + 1), EVERYTHING), NotFound)

    async def test_what_nobody_is_said_to_own_is_nobodys(self) -> None:
        store = await self.new()
        bare = await store.payments.change(6, _bare, cause())
        await self.check_refused(store.payments.get(bare.id, Scope(company_id=1)), NotFound)
        self.assertEqual(0, (await store.payments.list(Scope(customer_id=1), Paging())).total)

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store, why = await self.new(), cause(consumer="pay")
        payment = await paid(store, 5)
        payment = await store.payments.change(5, asked_again, why)
        events = await said(store.outbox)
        store = await self.restarted(store)
        self.assertEqual(payment, await store.payments.of_booking(5, EVERYTHING))
        self.assertEqual(events, await said(store.outbox))
        self.assertEqual(payment, await store.payments.change(5, boom, why))

    async def test_two_processes_keep_one_payment_per_booking(self) -> None:
        store = await self.new()
        other = await self.second(store)
        payments, _ = await race(one.payments.change(5, requested(5), cause()) for one in (store, other) * 10)
        self.assertEqual(1, len({payment.id for payment in payments}))


class PaymentBookConformance(Changing, ChangingOnce, Listing, Recovering):
    """All that a store of payments guarantees."""


def _back(payment: Payment) -> int | None:
    return payment.refund.amount if payment.refund else None


def _bare(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
    """A tombstone of a booking of which nothing is known."""
    bare = Payment(
        id=id, booking_id=6, price=None, status=Status.VOID, correlation_id="of-6", created_at=NOW, reason="over"
    )
    return payment or bare, ()
