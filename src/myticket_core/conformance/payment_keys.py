"""Changing a booking's payment for a caller who may ask again: once per key, be it there already or not."""

from __future__ import annotations

from datetime import timedelta

from myticket_core.access import EVERYTHING
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.builders import NOW, Boom, boom, cause, told
from myticket_core.conformance.payment_store import PaymentStore, approved, asked_again, paid, requested
from myticket_core.errors import NotFound, Rejected
from myticket_core.paging import Paging


class ChangingOnce(Conformance[PaymentStore]):
    async def test_a_repeated_key_changes_nothing_and_returns_the_payment_as_it_is_now(self) -> None:
        store = await self.new()
        first = await store.payments.change_once(5, requested(5), cause("k"))
        now = await store.payments.change(5, approved, cause())
        again = await store.payments.change_once(5, boom, cause("k"))
        self.assertEqual((False, True, now), (first.repeated, again.repeated, again.state))
        self.assertEqual([("PaymentApproved", 1)], await told(store.outbox))

    async def test_a_key_is_remembered_of_what_changed_nothing(self) -> None:
        store = await self.new()
        for booking_id in (4, 5):  # so that the id of the payment is not that of its booking
            payment = await paid(store, booking_id)
        first = await store.payments.change_once(5, requested(5), cause("k"))
        again = await store.payments.change_once(5, requested(5), cause("k"))
        self.assertEqual((payment, False), (first.state, first.repeated))
        self.assertEqual((payment, True), (again.state, again.repeated))

    async def test_a_key_cannot_ask_for_something_else(self) -> None:
        store = await self.new()
        payment = (await store.payments.change_once(5, requested(5), cause("k"))).state
        for booking_id, decide in ((5, asked_again), (6, requested(6))):
            asking = store.payments.change_once(booking_id, decide, cause("k", "other"))
            await self.check_refused(asking, Rejected, "key_reused")
        self.assertEqual((payment,), tuple((await store.payments.list(EVERYTHING, Paging())).items))

    async def test_what_is_refused_leaves_its_key_free(self) -> None:
        store = await self.new()
        with self.assertRaises(Boom):
            await store.payments.change_once(5, boom, cause("k"))
        await self.check_refused(store.payments.of_booking(5, EVERYTHING), NotFound)
        self.assertFalse((await store.payments.change_once(5, requested(5), cause("k"))).repeated)

    async def test_equal_keys_at_once_change_it_once(self) -> None:
        store = await self.new()
        await paid(store, 5)
        kept, refusals = await race(store.payments.change_once(5, asked_again, cause("k")) for _ in range(50))
        self.assertEqual(([], 49), (refusals, sum(one.repeated for one in kept)))
        self.assertEqual({NOW + timedelta(minutes=1)}, {one.state.asked_at for one in kept})

    async def test_equal_keys_at_once_begin_one_payment(self) -> None:
        store = await self.new()
        kept, refusals = await race(store.payments.change_once(5, requested(5), cause("k")) for _ in range(50))
        self.assertEqual(([], 49), (refusals, sum(one.repeated for one in kept)))
        self.assertEqual(1, len({one.state.id for one in kept}))

    async def test_without_a_key_and_with_another_each_call_counts(self) -> None:
        store = await self.new()
        await paid(store, 5)
        for key in (None, None, "k", "l"):
            self.assertFalse((await store.payments.change_once(5, asked_again, cause(key))).repeated)
        self.assertEqual(NOW + timedelta(minutes=4), (await store.payments.of_booking(5, EVERYTHING)).asked_at)

    async def test_what_follows_from_a_request_neither_needs_nor_takes_its_key(self) -> None:
        store, why = await self.new(), cause("k")
        await paid(store, 5)
        for _ in range(2):
            await store.payments.change(5, asked_again, why)
        first = await store.payments.change_once(5, asked_again, why)
        after = await store.payments.change(5, asked_again, why)
        self.assertEqual((False, NOW + timedelta(minutes=4)), (first.repeated, after.asked_at))

    async def test_a_key_is_not_lost_in_a_restart(self) -> None:
        store = await self.new()
        kept = await store.payments.change_once(5, requested(5), cause("k"))
        store = await self.restarted(store)
        again = await store.payments.change_once(5, boom, cause("k"))
        self.assertEqual((kept.state, True), (again.state, again.repeated))

    async def test_two_processes_change_it_once_for_one_key(self) -> None:
        store = await self.new()
        other = await self.second(store)
        await paid(store, 5)
        calls = (one.payments.change_once(5, asked_again, cause("k")) for one in (store, other) * 10)
        kept, refusals = await race(calls)
        self.assertEqual(([], 19), (refusals, sum(one.repeated for one in kept)))
        self.assertEqual(NOW + timedelta(minutes=1), (await other.payments.of_booking(5, EVERYTHING)).asked_at)
