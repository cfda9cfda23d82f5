"""Stripe is a payment provider: against recorded shapes, with what goes wrong on the way."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from stripe import HTTPClient

from adapters.memory import MemoryDatabase, MemoryReferences
from adapters.providers import stripe_calls
from adapters.providers.stripe_calls import SETTLING
from adapters.providers.stripe_provider import StripeProvider
from adapters.system import RandomIds, SystemClock
from apps.runtime import PATIENCE
from myticket_core.conformance.base import race
from myticket_core.conformance.provider import ProviderConformance
from myticket_core.errors import InDoubt, Unavailable
from myticket_core.payment.ports import Charged, GivenBack, NotGivenBack, PaymentProvider, Refused
from tests.case import Case
from tests.services.stripe_stub import StripeStub
from tests.until import until


class TestStripe(ProviderConformance, Case):
    durable = True
    good, refused, unavailable, lost = "pm_card_visa", "pm_declined", "pm_busy", "pm_lost"
    refund_pending, refund_fails, refund_lost = "pm_refund_pending", "pm_refund_fails", "pm_refund_lost"

    def setUp(self) -> None:
        """Stripe's library tries again after half a second and longer; how often matters here, not how patiently."""
        self.enterContext(patch.object(HTTPClient, "INITIAL_DELAY", 0.01))

    async def new(self) -> StripeProvider:
        self.stub = StripeStub()
        self.url = await self.enterAsyncContext(self.stub.served())
        self.references = MemoryReferences(MemoryDatabase(SystemClock(), RandomIds()))
        return self._opened()

    async def reopen(self, provider: PaymentProvider) -> PaymentProvider:
        return self._opened()

    async def kept(self, provider: PaymentProvider, key: str) -> int | None:
        return self.stub.kept(await self.references.of(key) or "")

    def _opened(self) -> StripeProvider:
        provider = StripeProvider("sk_test_1", "krw", self.references, self.url)
        self.addAsyncCleanup(provider.close)
        return provider

    def took(self) -> int:
        """How many times money was taken."""
        return len(self.stub.confirmed)

    async def test_many_at_once_take_money_once(self) -> None:
        """Some make an intent of their own before they hear of the first: nobody confirms that."""
        provider = await self.new()
        self.stub.slow = 0.01
        for number in range(20):
            before = self.took()
            await self._rush(provider, f"booking-{number}")
            self.assertEqual(before + 1, self.took())

    async def _rush(self, provider: StripeProvider, key: str) -> None:
        outcomes, _ = await race(provider.charge(key, 100, self.good) for _ in range(8))
        self.assertEqual({Charged(await self.references.of(key) or "")}, set(outcomes))

    async def test_what_was_made_and_not_remembered_takes_no_money(self) -> None:
        """Killed after the intent was made: another one is made, the first is never confirmed."""
        provider = await self.new()
        self.stub.faults += [("POST payment_intents", "lost")] * 3
        await self.check_refused(provider.charge("k", 100, self.good), Unavailable)
        self.assertIsNone(await provider.find("k"))
        self.assertIsInstance(await provider.charge("k", 100, self.good), Charged)
        self.assertEqual((["pi_2"], {"pi_1", "pi_2"}), (self.stub.confirmed, self.stub.intents.keys()))

    async def test_a_confirm_is_sent_once_and_what_it_came_to_is_found(self) -> None:
        for fault in ("lost", "cut", 500, 503):
            with self.subTest(fault=fault):
                provider = await self.new()
                await provider.charge("warm", 100, self.good)
                self.stub.faults.append(("POST payment_intents/pi_2/confirm", fault))
                await self.check_refused(provider.charge("k", 100, self.good), InDoubt)
                confirms = [it for it in self.stub.asked if it.endswith("pi_2/confirm")]
                self.assertEqual(1, len(confirms), "in doubt it is not sent again without being asked to")
                charged = fault in ("lost", "cut")
                self.assertEqual(Charged("pi_2") if charged else None, await provider.find("k"))
                self.assertEqual(Charged("pi_2"), await provider.charge("k", 100, self.good))
                self.assertEqual(1, self.stub.confirmed.count("pi_2"))

    async def test_what_was_never_sent_is_no_doubt(self) -> None:
        provider = StripeProvider("sk_test_1", "krw", await self._remembering("k", "pi_1"), "http://127.0.0.1:9")
        self.addAsyncCleanup(provider.close)
        await self.check_refused(provider.charge("k", 100, self.good), Unavailable)
        await self.check_refused(provider.charge("new", 100, self.good), Unavailable)
        await self.check_refused(provider.find("k"), Unavailable)

    async def _remembering(self, key: str, reference: str) -> MemoryReferences:
        references = MemoryReferences(MemoryDatabase(SystemClock(), RandomIds()))
        await references.remember(key, reference)
        return references

    async def test_what_stripe_will_not_do_is_certain(self) -> None:
        provider = await self.new()
        for status in (401, 403, 429):
            self.stub.faults.append(("POST payment_intents", status))
            await self.check_refused(provider.charge("k", 100, self.good), Unavailable)
        await provider.charge("k", 100, self.good)
        self.assertEqual(1, self.took())
        self.assertEqual(Refused("No such PaymentMethod: 'pm_unknown'"), await provider.charge("l", 1, "pm_unknown"))

    async def test_a_bank_that_takes_its_time_is_doubt_until_it_has_answered(self) -> None:
        provider = await self.new()
        await self.check_refused(provider.charge("k", 100, "pm_slow_bank"), InDoubt)
        await self.check_refused(provider.find("k"), InDoubt)
        self.stub.intents["pi_1"] |= {"status": "succeeded", "amount_received": 100}
        self.assertEqual(Charged("pi_1"), await provider.find("k"))

    async def test_a_refusal_says_why(self) -> None:
        provider = await self.new()
        self.assertEqual(Refused("Your card was declined."), await provider.charge("k", 100, "pm_declined"))
        self.assertEqual(Refused("no payment method was named"), await provider.charge("l", 100, None))

    async def test_a_refund_is_made_once_whatever_becomes_of_the_answers(self) -> None:
        for fault in ("lost", "cut", "unsent", 500, 409, 429):
            with self.subTest(fault=fault):
                provider = await self.new()
                await provider.charge("k", 100, self.good)
                self.stub.faults += [("POST refunds", fault)] * 3
                with self.assertRaises((InDoubt, Unavailable)) as raised:
                    await provider.refund("k", 60, 1)
                self.assertEqual(fault == 429, isinstance(raised.exception, Unavailable), "nothing else is certain")
                self.stub.faults.clear()
                found = await provider.refund("k", 60, 1)
                self.assertIsInstance(found, GivenBack)
                self.assertEqual(found, await provider.find_refund("k"))
                self.assertEqual((1, 40), (len(self.stub.refunds), self.stub.kept("pi_1")))

    async def test_a_worker_waits_for_stripe_so_long_and_learns_later_what_it_has_done(self) -> None:
        self.assertLess(2 * SETTLING, PATIENCE, "one that has not moved for so long is taken for dead")
        provider = await self.new()
        await provider.charge("k", 100, self.good)
        with patch.object(stripe_calls, "SETTLING", timedelta(seconds=0.1)):
            self.stub.faults += [("GET payment_intents", 0.3), ("GET refunds", 0.3)]
            await self.check_refused(provider.find("k"), Unavailable)
            await self.check_refused(provider.find_refund("k"), Unavailable)
            self.stub.faults.append(("POST refunds", 0.3))
            await self.check_refused(provider.refund("k", 60, 1), InDoubt)
        outcomes = [await provider.refund("k", 60, 1), await provider.find_refund("k")]
        await until(lambda: not self.stub.under_way)  # the first one has come through, too
        outcomes.append(await provider.refund("k", 60, 1))
        self.assertEqual((1, 40, 1), (len(set(outcomes)), self.stub.kept("pi_1"), len(self.stub.refunds)))

    async def test_what_people_give_back_at_stripe_is_not_ours(self) -> None:
        provider = await self.new()
        await provider.charge("k", 100, self.good)
        self.stub._refund(self.stub.intents["pi_1"], {"amount": "30", "payment_intent": "pi_1"})
        self.assertIsNone(await provider.find_refund("k"))
        refused = await provider.refund("k", 100, 1)
        self.assertIsInstance(refused, NotGivenBack)
        self.assertIn("greater than unrefunded amount", str(refused))
