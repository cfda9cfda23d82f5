"""Any store of what providers say of their own accord. Subclass HintsConformance; `new` gives Hints."""

from __future__ import annotations

from myticket_core.conformance.base import Conformance, race
from myticket_core.payment.ports import Hint, Hints

__all__ = ["HintsConformance"]


def hint(id: str, key: str | None = "booking-5", reference: str | None = None) -> Hint:
    return Hint(id, "refund.updated", key, reference)


class HintsConformance(Conformance[Hints]):
    """All that a store of hints guarantees."""

    async def test_what_is_kept_waits_in_order_in_every_member(self) -> None:
        hints = await self.new()
        said = [hint("evt_b"), hint("evt_a", None, "pi_1"), Hint("evt_c", "'종류'", "booking-6", "pi_2")]
        for one in said:
            await hints.keep(one)
        self.assertEqual(said, list(await hints.waiting(10)))
        self.assertEqual(said[:2], list(await hints.waiting(2)))

    async def test_what_is_said_again_and_again_is_kept_once(self) -> None:
        hints = await self.new()
        await race(hints.keep(hint("evt_1")) for _ in range(50))
        self.assertEqual([hint("evt_1")], list(await hints.waiting(10)))

    async def test_what_was_followed_is_not_offered_any_more_nor_kept_again(self) -> None:
        hints = await self.new()
        for id in ("evt_1", "evt_2", "evt_3"):
            await hints.keep(hint(id))
        await hints.followed(["evt_1", "evt_3", "evt_unknown"])
        await hints.keep(hint("evt_1"))
        self.assertEqual([hint("evt_2")], list(await hints.waiting(10)))

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        hints = await self.new()
        await hints.keep(hint("evt_1"))
        await hints.keep(hint("evt_2"))
        await hints.followed(["evt_1"])
        hints = await self.restarted(hints)
        await hints.keep(hint("evt_1"))
        self.assertEqual([hint("evt_2")], list(await hints.waiting(10)))

    async def test_two_processes_keep_one(self) -> None:
        hints = await self.new()
        other = await self.second(hints)
        await race(one.keep(hint("evt_1")) for one in (hints, other) * 10)
        self.assertEqual([hint("evt_1")], list(await other.waiting(10)))
