"""Any outbox. Subclass OutboxConformance; `new` gives a TicketStore, whose tickets say things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from myticket_core.conformance.base import SOON, Conformance, pause, race, soon, started
from myticket_core.conformance.builders import cause, said
from myticket_core.conformance.ticket_store import TicketStore, added, raised, register
from myticket_core.messages import Envelope

__all__ = ["OutboxConformance", "TicketStore"]


class OutboxConformance(Conformance[TicketStore]):
    """All that an outbox guarantees."""

    async def test_an_envelope_says_what_happened_to_what_and_because_of_what(self) -> None:
        store = await self.new()
        why = cause()
        ticket = await added(store, register(7, 15_000, "서울", 3), why)
        (envelope,) = await said(store.outbox)
        self.assertEqual(("TicketRegistered", "ticket"), (envelope.type, envelope.source))
        self.assertEqual((str(ticket.id), 1), (envelope.key, envelope.version))
        self.assertEqual((why.correlation_id, why.id), (envelope.correlation_id, envelope.causation_id))
        self.assertIsNotNone(envelope.time.utcoffset(), "a time without its zone says nothing")
        members = {"id": ticket.id, "companyId": 7, "price": 15_000, "name": "서울", "capacity": 3, "status": "ON_SALE"}
        nothing = dict.fromkeys(("startDate", "endDate", "cancelUntil"))
        self.assertEqual({**members, **nothing, "cancelFeePercent": 0}, dict(envelope.data))

    async def test_every_envelope_has_its_own_id_and_keeps_it(self) -> None:
        store = await self.new()
        for _ in range(5):
            await added(store)
        ids = [envelope.id for envelope in await said(store.outbox)]
        self.assertEqual(5, len(set(ids)))
        self.assertEqual(ids, [envelope.id for envelope in await said(store.outbox)])
        self.assertTrue(all(0 < len(id) <= 64 for id in ids))

    async def test_the_oldest_come_first_and_no_more_than_asked_for(self) -> None:
        store = await self.new()
        ids = [str((await added(store)).id) for _ in range(5)]
        self.assertEqual(ids, [envelope.key for envelope in await said(store.outbox)])
        self.assertEqual(ids[:3], [envelope.key for envelope in await store.outbox.pending(3)])

    async def test_what_is_published_is_never_offered_again(self) -> None:
        store = await self.new()
        for _ in range(5):
            await added(store)
        one, two, three, four, five = await said(store.outbox)
        await store.outbox.published([two.id, four.id])
        self.assertEqual([one, three, five], list(await said(store.outbox)))
        await store.outbox.published([two.id, one.id, "nobody's"])
        self.assertEqual([three, five], list(await said(store.outbox)))
        await store.outbox.published([])
        self.assertEqual([three, five], list(await said(store.outbox)))

    async def test_nothing_is_passed_over_while_others_write(self) -> None:
        """A relay reads and marks while many write: each envelope comes once, an aggregate's in their order."""
        store = await self.new()
        tickets = [await added(store) for _ in range(4)]
        relay = await started(_relayed(store, 4 + 60))
        await race(store.tickets.change(ticket.id, raised, cause()) for _ in range(15) for ticket in tickets)
        relayed = await soon(relay)
        self.assertEqual(64, len({envelope.id for envelope in relayed}))
        for ticket in tickets:
            versions = [envelope.version for envelope in relayed if envelope.key == str(ticket.id)]
            self.assertEqual(list(range(1, 17)), versions)

    async def test_waiting_ends_when_something_is_said(self) -> None:
        store = await self.new()
        waiting = await started(store.outbox.wait(SOON * 2))
        self.assertFalse(waiting.done(), "there was nothing to wake up for")
        await added(store)
        await soon(waiting)

    async def test_what_was_said_just_before_waiting_ends_it_too(self) -> None:
        store = await self.new()
        await added(store)
        await soon(store.outbox.wait(SOON * 2))

    async def test_waiting_ends_in_time_when_nothing_is_said(self) -> None:
        store = await self.new()
        await soon(store.outbox.wait(timedelta(milliseconds=20)))
        await soon(store.outbox.wait(timedelta(0)))

    async def test_what_is_not_published_outlives_a_restart(self) -> None:
        store = await self.new()
        for _ in range(3):
            await added(store)
        first, *rest = await said(store.outbox)
        await store.outbox.published([first.id])
        store = await self.restarted(store)
        self.assertEqual(rest, list(await said(store.outbox)))


async def _relayed(store: TicketStore, total: int) -> Sequence[Envelope]:
    relayed: list[Envelope] = []
    while len(relayed) < total:
        batch = await store.outbox.pending(7)
        await store.outbox.published([envelope.id for envelope in batch])
        relayed += batch
        await pause()
    return relayed
