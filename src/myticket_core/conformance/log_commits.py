"""How far a group has come: what is committed, and where reading begins again."""

from __future__ import annotations

from myticket_core.conformance.base import Conformance
from myticket_core.conformance.log_store import Log, envelope, ids, nothing_left, take


class Committing(Conformance[Log]):
    async def published(self, log: Log, number: int) -> list[str]:
        envelopes = [envelope() for _ in range(number)]
        await log.publisher.publish(envelopes)
        return [one.id for one in envelopes]

    async def test_rewinding_begins_again_after_the_last_commit(self) -> None:
        log = await self.new()
        all = await self.published(log, 9)
        reader = log.reader("g")
        await take(reader, 3)
        await reader.rewind()
        self.assertEqual(all[:3], ids(await take(reader, 3)), "nothing was committed yet")
        await reader.rewind()
        await reader.commit(await take(reader, 4))
        await take(reader, 3)
        await reader.rewind()
        self.assertEqual(all[4:], ids(await take(reader, 5)))

    async def test_rewinding_when_there_is_nothing_new_is_nothing(self) -> None:
        log = await self.new()
        await self.published(log, 2)
        reader = log.reader("g")
        await reader.rewind()
        await reader.commit(await take(reader, 2))
        await reader.rewind()
        self.assertTrue(await nothing_left(reader))

    async def test_a_commit_covers_what_came_before_and_never_steps_back(self) -> None:
        log = await self.new()
        all = await self.published(log, 6)
        reader = log.reader("g")
        records = await take(reader, 6)
        await reader.commit(records[3:4])
        await reader.commit(records[1:2])
        await reader.commit([])
        await reader.rewind()
        self.assertEqual(all[4:], ids(await take(reader, 2)))

    async def test_a_new_reader_goes_on_after_the_last_commit(self) -> None:
        log = await self.new()
        all = await self.published(log, 6)
        reader = log.reader("g")
        await reader.commit(await take(reader, 2))
        await take(reader, 2)
        log = await self.restarted(log)
        reader = log.reader("g")
        self.assertEqual(all[2:], ids(await take(reader, 4)), "what was read and not committed comes again")
        self.assertTrue(await nothing_left(reader))

    async def test_what_was_published_outlives_a_restart(self) -> None:
        log = await self.new()
        before = await self.published(log, 3)
        log = await self.restarted(log)
        after = await self.published(log, 3)
        self.assertEqual([*before, *after], ids(await take(log.reader("g"), 6)))

    async def test_a_group_that_committed_all_hears_only_what_is_new(self) -> None:
        log = await self.new()
        await self.published(log, 3)
        reader = log.reader("g")
        await reader.commit(await take(reader, 3))
        log = await self.restarted(log)
        reader = log.reader("g")
        self.assertTrue(await nothing_left(reader))
        self.assertEqual(await self.published(log, 2), ids(await take(reader, 2)))
