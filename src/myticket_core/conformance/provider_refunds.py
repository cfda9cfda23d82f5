"""Giving money back: once, a part of it, with an answer that is lost, later, or after all in another round."""

from __future__ import annotations

from typing import ClassVar

from myticket_core.conformance.base import SOON, Conformance, pause, race
from myticket_core.errors import InDoubt, MyticketError, Unavailable
from myticket_core.payment.ports import GivenBack, GivingBack, NotGivenBack, PaymentProvider

PAUSE = 0.01


class Refunding(Conformance[PaymentProvider]):
    good: ClassVar[str | None] = None
    refund_pending: ClassVar[str | None] = None  # a refund is taken on first, and done later
    refund_fails: ClassVar[str | None] = None  # the first round fails for good, the second one succeeds
    refund_lost: ClassVar[str | None] = None  # given back, and the first answer is lost

    async def kept(self, provider: PaymentProvider, key: str) -> int | None:
        """What of the key's money has not been given back; None: that cannot be seen here."""
        return None

    async def test_the_money_is_given_back_however_often_it_is_asked_for(self) -> None:
        provider = await self.new()
        charged = await provider.charge("k", 100, self.good)
        self.assertIsNone(await provider.find_refund("k"))
        outcomes, _ = await race(provider.refund("k", 100, 1) for _ in range(10))
        given = await provider.refund("k", 100, 1)
        self.assertIsInstance(given, GivenBack)
        self.assertEqual({given}, {*outcomes, given})
        self.assertEqual(given, await provider.find_refund("k"))
        self.assertEqual(charged, await provider.charge("k", 100, self.good), "what was refunded is not charged anew")
        await self.check_kept(provider, "k", 0)

    async def test_a_part_is_given_back_and_the_rest_is_kept(self) -> None:
        provider = await self.new()
        await provider.charge("k", 1000, self.good)
        given = await provider.refund("k", 300, 1)
        self.assertIsInstance(given, GivenBack)
        await self.check_kept(provider, "k", 700)

    async def test_many_rounds_at_once_are_one_refund(self) -> None:
        provider = await self.new()
        await provider.charge("k", 1000, self.good)
        await race(provider.refund("k", 400, round) for round in (1, 1, 2, 2, 3, 3))
        given = await provider.refund("k", 400, 1)
        self.assertEqual((given, given), (await provider.refund("k", 400, 9), await provider.find_refund("k")))
        self.assertIsInstance(given, GivenBack)
        await self.check_kept(provider, "k", 600)

    async def test_no_more_is_given_back_than_was_charged(self) -> None:
        provider = await self.new()
        await provider.charge("k", 100, self.good)
        self.assertIsInstance(await provider.refund("k", 101, 1), NotGivenBack)
        await self.check_kept(provider, "k", 100)

    async def test_a_refund_that_is_pending_is_done_in_the_end(self) -> None:
        provider, method = await self.new(), self._card(self.refund_pending)
        await provider.charge("k", 100, method)
        self.assertIsInstance(await provider.refund("k", 100, 1), GivingBack)
        await self._until_given_back(provider, "k")
        self.assertIsInstance(await provider.refund("k", 100, 2), GivenBack, "there is no second one")
        await self.check_kept(provider, "k", 0)

    async def test_a_refund_that_failed_is_made_in_another_round(self) -> None:
        provider, method = await self.new(), self._card(self.refund_fails)
        await provider.charge("k", 100, method)
        failed = await provider.refund("k", 60, 1)
        self.assertIsInstance(failed, NotGivenBack)
        self.assertTrue(getattr(failed, "reason", ""))
        self.assertEqual((failed, failed), (await provider.refund("k", 60, 1), await provider.find_refund("k")))
        await self.check_kept(provider, "k", 100)
        self.assertIsInstance(await provider.refund("k", 60, 2), GivenBack)
        self.assertIsInstance(await provider.find_refund("k"), GivenBack)
        await self.check_kept(provider, "k", 40)

    async def test_a_refund_whose_answer_is_lost_is_found(self) -> None:
        provider, method = await self.new(), self._card(self.refund_lost)
        await provider.charge("k", 100, method)
        await self.check_refused(provider.refund("k", 100, 1), InDoubt)
        found = await provider.find_refund("k")
        self.assertIsInstance(found, GivenBack)
        self.assertEqual(found, await provider.refund("k", 100, 1))
        await self.check_kept(provider, "k", 0)

    async def test_many_workers_see_one_refund(self) -> None:
        """Some make it, some ask what became of it, all at once."""
        provider = await self.new()
        keys = [f"k{number}" for number in range(5)]
        for key in keys:
            await provider.charge(key, 100, self.good)
        for key in keys:
            calls = [provider.refund(key, 70, 1) for _ in range(8)]
            outcomes, refusals = await race([*calls, *(provider.find_refund(key) for _ in range(8))])
            self.assertLessEqual({type(it) for it in refusals}, {InDoubt, Unavailable})
            self.assertEqual(1, len({outcome for outcome in outcomes if outcome is not None} or {None}))
            self.assertIsInstance(await provider.refund(key, 70, 1), GivenBack)
            await self.check_kept(provider, key, 30)

    async def check_kept(self, provider: PaymentProvider, key: str, amount: int) -> None:
        kept = await self.kept(provider, key)
        self.assertIn(kept, (None, amount))

    async def _until_given_back(self, provider: PaymentProvider, key: str) -> None:
        for _ in range(int(SOON.total_seconds() / PAUSE)):
            try:
                if isinstance(await provider.find_refund(key), GivenBack):
                    return
            except MyticketError:
                continue
            await pause(PAUSE)
        self.fail("it is never given back")

    def _card(self, method: str | None) -> str:
        if method is None:
            self.skipTest("no method of payment is declared whose refund is answered so")
        return method
