"""Any payment provider. Subclass ProviderConformance; `new` gives a PaymentProvider.

The class attributes name the methods of payment (a test card, a test account) that the provider answers in a certain
way; None: it cannot be made to, and what needs it is not tried.
"""

from __future__ import annotations

from typing import ClassVar

from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.provider_refunds import Refunding
from myticket_core.errors import InDoubt, NotFound, Unavailable
from myticket_core.payment.ports import Charged, PaymentProvider, Refused

__all__ = ["ProviderConformance"]


class Charging(Conformance[PaymentProvider]):
    """Of those who ask at once some may be left InDoubt, or Unavailable: they ask again."""

    good: ClassVar[str | None] = None  # None is a method too: the one that is used when nothing is said
    refused: ClassVar[str | None] = None  # declined
    unavailable: ClassVar[str | None] = None  # the first attempt certainly charges nothing
    lost: ClassVar[str | None] = None  # charged, and the answer is lost

    async def test_each_key_is_its_own_charge(self) -> None:
        provider = await self.new()
        outcomes, _ = await race(provider.charge(f"k{number}", 100, self.good) for number in range(10))
        references = {outcome.reference for outcome in outcomes if isinstance(outcome, Charged)}
        self.assertEqual(10, len(references))

    async def test_a_repeat_returns_what_the_first_call_came_to(self) -> None:
        provider = await self.new()
        first = await provider.charge("k", 100, self.good)
        self.assertIsInstance(first, Charged)
        self.assertEqual(first, await provider.charge("k", 100, self.good))
        self.assertEqual(first, await provider.find("k"))

    async def test_equal_keys_at_once_charge_once(self) -> None:
        provider = await self.new()
        outcomes, _ = await race(provider.charge("k", 100, self.good) for _ in range(50))
        self.assertEqual({await provider.charge("k", 100, self.good)}, set(outcomes))

    async def test_what_was_never_charged_is_not_found(self) -> None:
        provider = await self.new()
        self.assertIsNone(await provider.find("k"))
        await self.check_refused(provider.refund("k", 100, 1), NotFound)
        self.assertIsNone(await provider.find_refund("k"))

    async def test_a_refusal_is_for_good(self) -> None:
        provider, method = await self.new(), self._method(self.refused)
        refused = await provider.charge("k", 100, method)
        self.assertIsInstance(refused, Refused)
        self.assertEqual(refused, await provider.charge("k", 100, self.good))
        self.assertEqual(refused, await provider.find("k"))
        await self.check_refused(provider.refund("k", 100, 1), NotFound)

    async def test_what_was_unavailable_has_charged_nothing_and_can_be_asked_again(self) -> None:
        provider, method = await self.new(), self._method(self.unavailable)
        await self.check_refused(provider.charge("k", 100, method), Unavailable)
        self.assertIsNone(await provider.find("k"))
        self.assertIsInstance(await provider.charge("k", 100, self.good), Charged)

    async def test_a_lost_answer_is_doubt_and_the_charge_is_found(self) -> None:
        provider, method = await self.new(), self._method(self.lost)
        await self.check_refused(provider.charge("k", 100, method), InDoubt)
        found = await provider.find("k")
        self.assertIsInstance(found, Charged)
        self.assertEqual(found, await provider.charge("k", 100, self.good))

    async def test_nothing_is_forgotten_in_a_restart(self) -> None:
        provider = await self.new()
        charged = await provider.charge("k", 100, self.good)
        given = await self._given_back(provider, "r")
        provider = await self.restarted(provider)
        self.assertEqual(charged, await provider.find("k"))
        self.assertEqual(charged, await provider.charge("k", 100, self.good))
        self.assertEqual(given, await provider.refund("r", 100, 1))
        self.assertEqual(given, await provider.find_refund("r"))

    async def _given_back(self, provider: PaymentProvider, key: str) -> object:
        await provider.charge(key, 100, self.good)
        return await provider.refund(key, 100, 1)

    def _method(self, method: str | None) -> str:
        if method is None:
            self.skipTest("no method of payment is declared that is answered so")
        return method


class ProviderConformance(Charging, Refunding):
    """All that a payment provider guarantees."""
