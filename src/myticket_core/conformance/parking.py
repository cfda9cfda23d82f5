"""Any parking. Subclass ParkingConformance; `new` gives a Parking.

What has the consumer's inbox at hand subclasses HandledParkingConformance of parking_handled instead.
"""

from __future__ import annotations

from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.builders import NOW
from myticket_core.errors import NotFound
from myticket_core.ports import Parked, Parking, Record

__all__ = ["ParkingConformance"]


def parked(id: str, key: str | None = "k", consumer: str = "book", reason: str = "as arranged") -> Parked:
    value = bytes(range(256)) + "예매".encode()  # whatever came, readable or not
    record = Record(7, key, value, {"ce_id": id, "이름": "값"}, partition=3, topic="elsewhere")
    return Parked(id, consumer, key, record, reason, NOW)


class ParkingConformance(Conformance[Parking]):
    """All that a parking guarantees."""

    async def test_what_was_parked_is_read_again_in_every_member(self) -> None:
        parking = await self.new()
        self.assertIs(True, await parking.park(parked("e1", reason="이유 'x'")), "it waits here now")
        self.assertIs(True, await parking.park(parked("e2", key=None)), "it waits here now")
        expected = [parked("e1", reason="이유 'x'"), parked("e2", key=None)]
        self.assertEqual(expected, list(await parking.parked("book")))

    async def test_in_the_order_it_was_parked(self) -> None:
        parking = await self.new()
        ids = ["b", "a", "d", "c", "10", "9"]
        for id in ids:
            await parking.park(parked(id))
        self.assertEqual(ids, [entry.id for entry in await parking.parked("book")])

    async def test_once_per_consumer_and_id_the_first_counts(self) -> None:
        parking = await self.new()
        await parking.park(parked("e1"))
        await parking.park(parked("e2"))
        waits, _ = await race(parking.park(parked("e1", reason="again")) for _ in range(10))
        self.assertEqual([True] * 10, waits, "it waits here, whoever parked it")
        self.assertEqual([parked("e1"), parked("e2")], list(await parking.parked("book")))

    async def test_consumers_do_not_see_each_others(self) -> None:
        parking = await self.new()
        await parking.park(parked("e1", "k1"))
        await parking.park(parked("e1", "k2", consumer="pay"))
        self.assertEqual([parked("e1", "k1")], list(await parking.parked("book")))
        self.assertEqual(frozenset({"k2"}), await parking.keys("pay"))
        self.assertEqual((frozenset(), []), (await parking.keys("alarm"), list(await parking.parked("alarm"))))

    async def test_a_key_waits_until_the_last_of_it_is_released(self) -> None:
        parking = await self.new()
        for id, key in (("e1", "k1"), ("e2", "k1"), ("e3", "k2"), ("e4", None)):
            await parking.park(parked(id, key))
        self.assertEqual(frozenset({"k1", "k2"}), await parking.keys("book"))
        await parking.release("book", "e1")
        self.assertEqual(frozenset({"k1", "k2"}), await parking.keys("book"))
        await parking.release("book", "e2")
        self.assertEqual(frozenset({"k2"}), await parking.keys("book"))
        self.assertEqual(["e3", "e4"], [entry.id for entry in await parking.parked("book")])

    async def test_what_has_no_key_waits_for_itself_alone(self) -> None:
        parking = await self.new()
        self.assertEqual(0, await parking.waiting("book"))
        for id, key in (("e1", "k1"), ("e2", "k1"), ("e3", "k2"), ("e4", None), ("e5", None), ("k1", None)):
            await parking.park(parked(id, key))
        await parking.park(parked("e6", "k3", consumer="pay"))
        self.assertEqual((5, 1), (await parking.waiting("book"), await parking.waiting("pay")))
        await parking.release("book", "e5")
        self.assertEqual(4, await parking.waiting("book"))

    async def test_what_is_parked_under_one_key_is_read_alone(self) -> None:
        parking = await self.new()
        for id, key, consumer in (
            ("e2", "k1", "book"),
            ("e1", "k1", "book"),
            ("e3", "k2", "book"),
            ("e4", "k1", "pay"),
        ):
            await parking.park(parked(id, key, consumer))
        await parking.park(parked("e5", None))
        self.assertEqual([parked("e2", "k1"), parked("e1", "k1")], list(await parking.parked("book", "k1")))
        self.assertEqual([], list(await parking.parked("book", "k3")))

    async def test_only_what_is_parked_can_be_released(self) -> None:
        parking = await self.new()
        await parking.park(parked("e1"))
        await self.check_refused(parking.release("book", "e2"), NotFound)
        await self.check_refused(parking.release("pay", "e1"), NotFound)
        await parking.release("book", "e1")
        await self.check_refused(parking.release("book", "e1"), NotFound)

    async def test_what_was_released_can_be_parked_again_behind_the_others(self) -> None:
        parking = await self.new()
        await parking.park(parked("e1"))
        await parking.park(parked("e2"))
        await parking.release("book", "e1")
        await parking.park(parked("e1"))
        self.assertEqual(["e2", "e1"], [entry.id for entry in await parking.parked("book")])

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        parking = await self.new()
        await parking.park(parked("e1"))
        await parking.park(parked("e2"))
        parking = await self.restarted(parking)
        self.assertEqual([parked("e1"), parked("e2")], list(await parking.parked("book")))
