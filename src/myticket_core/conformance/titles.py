"""Any store of what tickets are called. Subclass TitlesConformance; `new` gives Titles."""

from __future__ import annotations

from myticket_core.conformance.base import Conformance, race
from myticket_core.notification.ports import Titles
from myticket_core.notification.title import LONGEST, Title

__all__ = ["TitlesConformance"]


class TitlesConformance(Conformance[Titles]):
    """All that a store of names guarantees."""

    async def test_those_are_named_that_are_known_and_have_a_name(self) -> None:
        titles, last = await self.new(), 2**53 - 1
        for one in (
            Title(1, "Jazz", 1),
            Title(2, None, 1),
            Title(last, "재즈 🎫 '\"%", 7),
            Title(4, "x" * LONGEST),
        ):
            await titles.learn(one)
        self.assertEqual({}, dict(await titles.of([])))
        self.assertEqual({1: "Jazz"}, dict(await titles.of([1, 2, 3])))
        self.assertEqual({4: "x" * LONGEST, last: "재즈 🎫 '\"%"}, dict(await titles.of({last, 4})))

    async def test_the_greater_version_stands_in_whichever_order_they_come(self) -> None:
        titles = await self.new()
        for name, version, stands in (
            ("old", 2, "old"),
            ("older", 1, "old"),
            ("new", 3, "new"),
            ("new again", 3, "new again"),
            ("old", 2, "new again"),
            ("uncounted", 0, "new again"),
        ):
            await titles.learn(Title(1, name, version))
            self.assertEqual({1: stands}, dict(await titles.of([1])))

    async def test_a_name_may_be_taken_away_and_given_again(self) -> None:
        titles = await self.new()
        await titles.learn(Title(1, "Jazz", 1))
        await titles.learn(Title(1, None, 2))
        self.assertEqual({}, dict(await titles.of([1])))
        await titles.learn(Title(1, "Jazz", 1))
        self.assertEqual({}, dict(await titles.of([1])))
        await titles.learn(Title(1, "Blues", 3))
        self.assertEqual({1: "Blues"}, dict(await titles.of([1])))

    async def test_who_asks_at_once_is_told_of_their_own(self) -> None:
        titles = await self.new()
        await race(titles.learn(Title(id, f"t{id}", 1)) for id in range(1, 51))
        answers, refused = await race(titles.of([id, id + 1]) for id in range(1, 51))
        self.assertEqual([], refused)
        wanted = [{it: f"t{it}" for it in (id, id + 1) if it <= 50} for id in range(1, 51)]
        self.assertEqual(wanted, [dict(it) for it in answers])

    async def test_of_many_who_learn_at_once_in_two_processes_the_greatest_version_stands(self) -> None:
        titles = await self.new()
        other = await self.second(titles)
        versions = [*range(2, 41, 2), *range(39, 0, -2)]
        _, refused = await race(
            one.learn(Title(1, f"v{version}", version)) for version in versions for one in (titles, other)
        )
        self.assertEqual([], refused)
        self.assertEqual([{1: "v40"}] * 2, [dict(await one.of([1])) for one in (titles, other)])

    async def test_what_one_process_has_learned_another_says(self) -> None:
        titles = await self.new()
        other = await self.second(titles)
        for version in (1, 2):
            await titles.learn(Title(1, f"v{version}", version))
            self.assertEqual({1: f"v{version}"}, dict(await other.of([1])))

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        titles = await self.new()
        await titles.learn(Title(1, "Jazz", 2))
        titles = await self.restarted(titles)
        await titles.learn(Title(1, "Blues", 1))
        self.assertEqual({1: "Jazz"}, dict(await titles.of([1])))
