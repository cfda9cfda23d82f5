"""Any parking that knows what its consumers have handled. Subclass HandledParkingConformance; `new` gives a Parking.

async def handle(self, under, said, consumer)   have the event handled on the data of `under`
"""

from __future__ import annotations

from myticket_core.booking.events import Booked
from myticket_core.conformance.builders import NOW, cause
from myticket_core.conformance.parking import ParkingConformance
from myticket_core.messages import Envelope
from myticket_core.ports import Parked, Parking, Record
from myticket_core.wire import encode

__all__ = ["HandledParkingConformance"]


def booked(id: str, booking: int = 1) -> Envelope:
    """An event that can be handled."""
    return Envelope.seal(Booked(id=booking, version=1, status="BOOKED"), cause(), id, NOW)


def failed(said: Envelope, consumer: str = "book") -> Parked:
    value, headers = encode(said)
    return Parked(said.id, consumer, said.key, Record(7, said.key, value, headers), "as arranged", NOW)


class HandledParkingConformance(ParkingConformance):
    """All that a parking guarantees, and that it does not keep what was handled."""

    async def handle(self, under: Parking, said: Envelope, consumer: str) -> None:
        """Have the consumer handle the event, as it does when it goes well."""
        raise NotImplementedError

    async def test_what_the_consumer_has_handled_is_not_parked(self) -> None:
        parking = await self.new()
        handled, other = booked("e1", 1), booked("e2", 2)
        await self.handle(parking, handled, "book")
        self.assertEqual((False, True), (await parking.park(failed(handled)), await parking.park(failed(other))))
        self.assertEqual([failed(other)], list(await parking.parked("book")))
        self.assertEqual(frozenset({other.key}), await parking.keys("book"))

    async def test_what_another_process_has_handled_is_not_parked(self) -> None:
        parking, handled = await self.new(), booked("e1")
        await self.handle(await self.second(parking), handled, "book")
        self.assertFalse(await parking.park(failed(handled)))
        self.assertEqual([], list(await parking.parked("book")))

    async def test_what_another_consumer_has_handled_is_parked(self) -> None:
        parking, said = await self.new(), booked("e1")
        await self.handle(parking, said, "pay")
        self.assertTrue(await parking.park(failed(said)))
        self.assertEqual([failed(said)], list(await parking.parked("book")))

    async def test_what_is_handled_after_it_was_parked_waits_until_it_is_released_and_never_again(self) -> None:
        parking, said = await self.new(), booked("e1")
        self.assertTrue(await parking.park(failed(said)))
        await self.handle(parking, said, "book")
        self.assertTrue(await parking.park(failed(said)))
        self.assertEqual([failed(said)], list(await parking.parked("book")))
        await parking.release("book", "e1")
        self.assertFalse(await parking.park(failed(said)))
        self.assertEqual([], list(await parking.parked("book")))
