"""Any store of a provider's references. Subclass ReferencesConformance; `new` gives References."""

from __future__ import annotations

from myticket_core.conformance.base import Conformance, race
from myticket_core.payment.ports import References

__all__ = ["ReferencesConformance"]


class ReferencesConformance(Conformance[References]):
    """All that a store of references guarantees."""

    async def test_what_is_remembered_is_found_both_ways(self) -> None:
        references = await self.new()
        self.assertEqual("pi_1", await references.remember("booking-1", "pi_1"))
        self.assertEqual("pi_2", await references.remember("booking-2", "pi_2"))
        self.assertEqual(("pi_1", "pi_2"), (await references.of("booking-1"), await references.of("booking-2")))
        self.assertEqual("booking-2", await references.key_of("pi_2"))
        self.assertEqual((None, None), (await references.of("booking-3"), await references.key_of("pi_3")))

    async def test_the_first_one_counts(self) -> None:
        references = await self.new()
        await references.remember("booking-1", "pi_1")
        self.assertEqual("pi_1", await references.remember("booking-1", "pi_2"))
        self.assertEqual((None, "pi_1"), (await references.key_of("pi_2"), await references.of("booking-1")))

    async def test_whoever_races_hears_of_the_same_one(self) -> None:
        references = await self.new()
        for key in ("booking-1", "booking-2"):
            told, _ = await race(references.remember(key, f"pi_{key}_{number}") for number in range(30))
            self.assertEqual({await references.of(key)}, set(told))

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        references = await self.new()
        await references.remember("booking-1", "pi_1")
        references = await self.restarted(references)
        self.assertEqual("pi_1", await references.remember("booking-1", "pi_2"))

    async def test_two_processes_remember_the_same_one(self) -> None:
        references = await self.new()
        other = await self.second(references)
        calls = (one.remember("booking-1", f"pi_{n}") for n, one in enumerate((references, other) * 10))
        told, _ = await race(calls)
        self.assertEqual(1, len(set(told)))
