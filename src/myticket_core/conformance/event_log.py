"""Any log of events. Subclass EventLogConformance; `new` gives a Log.

Only one reader of a group is used at a time; a second one comes after `reopen`. The readers `reader` gives may begin
their work with their first read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from myticket_core.conformance.base import SOON, Conformance, race, soon, started
from myticket_core.conformance.log_commits import Committing
from myticket_core.conformance.log_store import PATIENCE, Log, envelope, ids, nothing_left, take
from myticket_core.messages import Envelope
from myticket_core.ports import Record
from myticket_core.wire import decode

__all__ = ["EventLogConformance", "Log"]


class Reading(Conformance[Log]):
    async def test_what_was_published_is_read_again_in_every_member(self) -> None:
        log = await self.new()
        envelopes = [envelope("예매 7", "'서울' \"Ünï\" \\ \n"), envelope(note="x" * 100_000), envelope()]
        await log.publisher.publish(envelopes)
        records = await take(log.reader("g"), 3)
        found = {decode(record).id: decode(record) for record in records}
        for one in envelopes:
            read = found[one.id]
            self.assertEqual((one.type, one.key, one.time), (read.type, read.key, read.time))
            self.assertEqual((one.source, one.version), (read.source, read.version))
            self.assertEqual((one.correlation_id, one.causation_id), (read.correlation_id, read.causation_id))
            self.assertEqual(one.data, read.data)
        self.assertEqual({one.key for one in envelopes}, {record.key for record in records})

    async def test_each_record_comes_once_and_in_order_of_its_key(self) -> None:
        log = await self.new()
        envelopes = [envelope(str(number % 7)) for number in range(100)]
        for start in range(0, 100, 9):
            await log.publisher.publish(envelopes[start : start + 9])
        reader = log.reader("g")
        self._check_order(envelopes, await take(reader, 100))
        self.assertTrue(await nothing_left(reader))

    async def test_positions_rise_within_a_partition(self) -> None:
        log = await self.new()
        await log.publisher.publish([envelope(str(number)) for number in range(20)])
        places = [(record.partition, record.position) for record in await take(log.reader("g"), 20)]
        for partition in {partition for partition, _ in places}:
            positions = [position for where, position in places if where == partition]
            self.assertEqual(sorted(set(positions)), positions)

    async def test_publishers_at_once_lose_nothing_and_keep_their_order(self) -> None:
        log = await self.new()
        batches = [[envelope(str(writer)) for _ in range(5)] for writer in range(20)]
        await race(log.publisher.publish(batch) for batch in batches)
        self._check_order([one for batch in batches for one in batch], await take(log.reader("g"), 100))

    async def test_no_more_than_asked_for(self) -> None:
        log = await self.new()
        await log.publisher.publish([envelope() for _ in range(10)])
        reader, seen = log.reader("g"), 0
        while seen < 10:
            records = await soon(reader.read(3, PATIENCE))
            self.assertLessEqual(len(records), 3)
            seen += len(records)

    async def test_publishing_nothing_is_nothing(self) -> None:
        log = await self.new()
        await log.publisher.publish([])
        self.assertTrue(await nothing_left(log.reader("g")))

    async def test_reading_waits_for_what_comes(self) -> None:
        log = await self.new()
        reader = log.reader("g")
        waiting = await started(take(reader, 1))
        one = envelope()
        await log.publisher.publish([one])
        self.assertEqual([one.id], ids(await waiting))

    async def test_reading_ends_soon_after_something_comes(self) -> None:
        log = await self.new()
        reader = log.reader("g")
        await reader.read(1, timedelta(0))
        waiting = await started(reader.read(10, SOON * 2))
        await log.publisher.publish([envelope()])
        self.assertEqual(1, len(await soon(waiting)))

    async def test_reading_ends_in_time_when_nothing_comes(self) -> None:
        reader = (await self.new()).reader("g")
        for at_most in (timedelta(0), timedelta(milliseconds=20)):
            self.assertEqual([], list(await soon(reader.read(1, at_most))))

    async def test_groups_read_independently_from_the_beginning(self) -> None:
        log = await self.new()
        envelopes = [envelope() for _ in range(5)]
        await log.publisher.publish(envelopes)
        first = log.reader("g")
        await first.commit(await take(first, 5))
        self.assertEqual([one.id for one in envelopes], ids(await take(log.reader("h"), 5)))

    def _check_order(self, published: Sequence[Envelope], read: Sequence[Record]) -> None:
        """All came, once each, and those of a key in the order they were published."""
        self.assertEqual(sorted(one.id for one in published), sorted(ids(read)))
        for key in {one.key for one in published}:
            expected = [one.id for one in published if one.key == key]
            self.assertEqual(expected, [decode(record).id for record in read if record.key == key], f"key {key}")


class EventLogConformance(Reading, Committing):
    """All that a log guarantees."""
