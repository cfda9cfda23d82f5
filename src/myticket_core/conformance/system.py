"""Any clock, source of ids, or way to run jobs together. Subclass the suite; `new` gives the Clock, Ids or Together."""

from __future__ import annotations

from datetime import timedelta

from myticket_core.conformance.base import Conformance, pause, soon
from myticket_core.conformance.builders import Boom
from myticket_core.ports import Clock, Ids, Together

__all__ = ["ClockConformance", "IdsConformance", "TogetherConformance"]


class ClockConformance(Conformance[Clock]):
    async def test_the_time_is_utc_and_says_so(self) -> None:
        self.assertEqual(timedelta(0), (await self.new()).now().utcoffset())

    async def test_sleeping_lasts_as_long_as_it_should(self) -> None:
        clock = await self.new()
        begin = clock.now()
        await soon(clock.sleep(timedelta(milliseconds=20)))
        self.assertGreaterEqual(clock.now() - begin, timedelta(milliseconds=19))

    async def test_there_is_no_sleeping_into_the_past(self) -> None:
        clock = await self.new()
        await soon(clock.sleep(timedelta(0)))
        await soon(clock.sleep(timedelta(seconds=-1)))


class IdsConformance(Conformance[Ids]):
    async def test_nobody_had_it_before(self) -> None:
        one, other = await self.new(), await self.new()
        ids = [source.new() for source in (one, other) * 5_000]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertTrue(all(0 < len(id) <= 64 and id.isascii() and id.isprintable() for id in ids))

    async def test_what_nobody_can_guess_is_long_and_never_the_same(self) -> None:
        source = await self.new()
        secrets = [source.secret() for _ in range(1_000)]
        self.assertTrue(all(32 <= len(it) <= 64 and set(it) <= set("0123456789abcdef") for it in secrets))
        for place in range(min(map(len, secrets))):
            self.assertEqual(16, len({it[place] for it in secrets}), "each digit is any")


class TogetherConformance(Conformance[Together]):
    async def test_all_jobs_are_done_on_return(self) -> None:
        together, done = await self.new(), list[int]()
        await soon(together([self._job(done, number) for number in range(20)]))
        self.assertEqual(list(range(20)), sorted(done))
        await soon(together([]))

    async def test_one_that_fails_stops_no_other_and_is_raised_in_the_end(self) -> None:
        together, done = await self.new(), list[int]()
        jobs = [self._job(done, 1), self._fails(), self._job(done, 2), self._fails(), self._job(done, 3)]
        with self.assertRaises(Boom):
            await soon(together(jobs))
        self.assertEqual([1, 2, 3], sorted(done))

    async def _job(self, done: list[int], number: int) -> None:
        for _ in range(5):
            await pause()
        done.append(number)

    async def _fails(self) -> None:
        raise Boom
