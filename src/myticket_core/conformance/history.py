"""Any log, read as history. Subclass HistoryConformance; `new` gives a Recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from myticket_core.conformance.base import Conformance, soon, started
from myticket_core.conformance.log_store import envelope, ids
from myticket_core.messages import Envelope
from myticket_core.ports import EventPublisher, History, Record

__all__ = ["HistoryConformance", "Recorded"]


@frozen
class Recorded:
    """One log, empty at first: who writes to it, and who reads all of it. A history may begin with its first read."""

    publisher: EventPublisher
    history: Callable[[], History]


class HistoryConformance(Conformance[Recorded]):
    """All that a history guarantees."""

    async def test_everything_comes_once_and_in_order_of_its_key(self) -> None:
        log = await self.new()
        said = await _said(log, 200, keys=7)
        self._check_order(said, await _to_the_end(log.history(), 30))

    async def test_the_first_read_already_has_something(self) -> None:
        """However long it takes to find the beginning: nothing means the end."""
        log = await self.new()
        await _said(log, 1)
        self.assertEqual(1, len(await soon(log.history().read(10))))

    async def test_no_more_than_asked_for(self) -> None:
        log = await self.new()
        await _said(log, 20, keys=3)
        history = log.history()
        while records := await soon(history.read(3)):
            self.assertLessEqual(len(records), 3)

    async def test_of_an_empty_log_there_is_none(self) -> None:
        history = (await self.new()).history()
        self.assertEqual(([], []), (list(await soon(history.read(5))), list(await soon(history.read(5)))))

    async def test_what_came_since_the_end_comes_next(self) -> None:
        log = await self.new()
        history = log.history()
        self.assertEqual([], await _to_the_end(history, 5))
        for _ in range(3):
            said = await _said(log, 12, keys=5)
            self._check_order(said, await _to_the_end(history, 5))

    async def test_while_others_publish_all_is_there_that_was_when_it_began(self) -> None:
        log = await self.new()
        history, said, read = log.history(), list[Envelope](), list[Record]()
        for _ in range(3):
            before = await _said(log, 10, keys=3)
            meanwhile = await started(_said(log, 10, keys=3))
            read += await _to_the_end(history, 4)
            self.assertLessEqual({one.id for one in before}, set(ids(read)))
            said += [*before, *await meanwhile]
        read += await _to_the_end(history, 4)
        self._check_order(said, read)

    async def test_each_history_begins_at_the_beginning(self) -> None:
        log = await self.new()
        said = await _said(log, 9)
        await _to_the_end(log.history(), 5)
        self._check_order(said, await _to_the_end(log.history(), 5))

    def _check_order(self, said: Sequence[Envelope], read: Sequence[Record]) -> None:
        """All came, once each, and those of a key in the order they were said."""
        self.assertEqual(sorted(one.id for one in said), sorted(ids(read)))
        for key in {one.key for one in said}:
            expected = [one.id for one in said if one.key == key]
            self.assertEqual(expected, ids([record for record in read if record.key == key]), f"key {key}")


async def _said(log: Recorded, number: int, keys: int = 1) -> Sequence[Envelope]:
    envelopes = [envelope(str(one % keys)) for one in range(number)]
    await log.publisher.publish(envelopes)
    return envelopes


async def _to_the_end(history: History, limit: int) -> Sequence[Record]:
    read: list[Record] = []
    while records := await soon(history.read(limit)):
        read += records
    return read
