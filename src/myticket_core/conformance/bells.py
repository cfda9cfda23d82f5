"""Any bells that tell of changed pages. Subclass BellsConformance; `new` gives Bells that wait for a second or less."""

from __future__ import annotations

from myticket_core.conformance.base import Conformance, soon, started
from myticket_core.mypage.ports import Bells

__all__ = ["BellsConformance"]


class BellsConformance(Conformance[Bells]):
    async def test_who_listens_to_a_page_hears_it_and_nobody_else_does(self) -> None:
        bells = await self.new()
        with (
            bells.listen(("booking", 5)) as one,
            bells.listen(("booking", 5)) as another,
            bells.listen(("ticket", 5)) as stranger,
        ):
            waits = [await started(wait()) for wait in (one, another, stranger)]
            bells.ring(("booking", 5))
            self.assertEqual([True, True], [await soon(wait) for wait in waits[:2]])
            self.assertFalse(waits[2].done())
            await soon(waits[2])

    async def test_what_rings_while_nobody_waits_is_heard_later_and_once(self) -> None:
        bells = await self.new()
        bells.ring(("booking", 5))
        with bells.listen(("booking", 5)) as wait:
            bells.ring(("booking", 5))
            heard = await started(wait())
            self.assertTrue(heard.done())
            again = await started(wait())
            self.assertFalse(again.done())
            await soon(again)

    async def test_it_is_over_some_time_and_until_then_one_may_look_now_and_then(self) -> None:
        bells = await self.new()
        with bells.listen(("booking", 5)) as wait:
            looks = 0
            while await soon(wait()):
                looks += 1
            self.assertGreater(looks, 1)
            self.assertLess(looks, 1000, "it was no waiting")
