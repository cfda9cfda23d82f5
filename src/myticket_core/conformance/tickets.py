"""Any store of tickets. Subclass TicketsConformance; `new` gives a TicketStore."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final

from attrs import evolve

from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.builders import NOW, Boom, boom, cause, told
from myticket_core.conformance.ticket_search import Searching
from myticket_core.conformance.ticket_store import TicketStore, added, deleted, raised, register, repriced
from myticket_core.errors import NotFound, Rejected
from myticket_core.ticket.model import TicketId

__all__ = ["TicketStore", "TicketsConformance"]

NOBODY: Final = TicketId(999_999)


class Adding(Conformance[TicketStore]):
    async def test_what_was_added_is_read_again_in_every_member(self) -> None:
        store = await self.new()
        seoul = timezone(timedelta(hours=9))
        decide = register(
            7,
            2**53 - 1,
            "서울 'Ünï' \"100%\"",
            2**53 - 1,
            NOW.astimezone(seoul),
            NOW + timedelta(days=1),
            cancel_until=NOW,
            cancel_fee_percent=100,
        )
        ticket = await added(store, decide)
        self.assertGreater(ticket.id, 0)
        again = await store.tickets.get(ticket.id)
        self.assertEqual(ticket, again)
        self.assertIs(True, again.available)  # 1 is equal, and another word in JSON
        bare = await added(store, register(price=0, name=None))
        self.assertEqual(bare, await store.tickets.get(bare.id))

    async def test_every_ticket_has_its_own_id(self) -> None:
        store = await self.new()
        tickets, _ = await race(added(store) for _ in range(20))
        self.assertEqual(20, len({ticket.id for ticket in tickets}))

    async def test_a_repeated_key_returns_the_ticket_as_it_is_now(self) -> None:
        store = await self.new()
        first = await store.tickets.add(register(), cause("k"))
        now = await store.tickets.change(first.state.id, repriced(99), cause())
        again = await store.tickets.add(register(), cause("k"))
        self.assertEqual((False, True, now), (first.repeated, again.repeated, again.state))
        self.assertEqual([("TicketRegistered", 1), ("TicketChanged", 2)], await told(store.outbox))

    async def test_a_key_cannot_be_used_for_something_else(self) -> None:
        store = await self.new()
        await store.tickets.add(register(), cause("k"))
        await self.check_refused(store.tickets.add(register(), cause("k", "other")), Rejected, "key_reused")
        self.assertEqual(1, len(await told(store.outbox)))

    async def test_equal_keys_at_once_add_one_ticket(self) -> None:
        store = await self.new()
        kept, _ = await race(store.tickets.add(register(), cause("k")) for _ in range(100))
        self.assertEqual(1, len({one.state.id for one in kept}))
        self.assertEqual(99, sum(one.repeated for one in kept))
        self.assertEqual([("TicketRegistered", 1)], await told(store.outbox))

    async def test_what_fails_leaves_nothing_not_even_its_key(self) -> None:
        store = await self.new()
        with self.assertRaises(Boom):
            await store.tickets.add(boom, cause("k"))
        self.assertEqual([], await told(store.outbox))
        self.assertFalse((await store.tickets.add(register(), cause("k"))).repeated)


class Changing(Conformance[TicketStore]):
    async def test_what_is_not_there_cannot_be_changed(self) -> None:
        store = await self.new()
        await self.check_refused(store.tickets.change(NOBODY, repriced(1), cause()), NotFound)
        await self.check_refused(store.tickets.get(NOBODY), NotFound)

    async def test_a_deleted_ticket_is_not_found_and_not_searched(self) -> None:
        store = await self.new()
        ticket = await added(store)
        gone = await store.tickets.change(ticket.id, deleted, cause())
        self.assertEqual("DELETED", gone.status)
        await self.check_refused(store.tickets.get(ticket.id), NotFound)
        await self.check_refused(store.tickets.change(ticket.id, deleted, cause()), NotFound)
        self.assertEqual([("TicketRegistered", 1), ("TicketDeleted", 2)], await told(store.outbox))

    async def test_no_change_is_lost_in_a_race(self) -> None:
        store = await self.new()
        ticket = await added(store)
        await race(store.tickets.change(ticket.id, raised, cause()) for _ in range(50))
        after = await store.tickets.get(ticket.id)
        self.assertEqual((ticket.price + 50, 51), (after.price, after.version))
        self.assertEqual(list(range(1, 52)), [version for _, version in await told(store.outbox)])

    async def test_an_event_is_handled_once_by_each_consumer(self) -> None:
        store = await self.new()
        ticket = await added(store)
        why = cause(consumer="ticket")
        await race(store.tickets.change(ticket.id, raised, why) for _ in range(20))
        once = await store.tickets.get(ticket.id)
        self.assertEqual(ticket.price + 1, once.price)
        self.assertEqual(once, await store.tickets.change(ticket.id, boom, why), "the decision is not even asked")
        other = await store.tickets.change(ticket.id, raised, cause(consumer="ticket"))
        self.assertEqual(ticket.price + 2, other.price)

    async def test_a_request_that_is_no_event_counts_each_time(self) -> None:
        store = await self.new()
        ticket, why = await added(store), cause()
        await store.tickets.change(ticket.id, raised, why)
        self.assertEqual(ticket.price + 2, (await store.tickets.change(ticket.id, raised, why)).price)

    async def test_a_failed_decision_leaves_nothing_and_harms_no_other(self) -> None:
        store = await self.new()
        ticket, why = await added(store), cause(consumer="ticket")

        async def fails() -> None:
            with self.assertRaises(Boom):
                await store.tickets.change(ticket.id, boom, why)

        good = [store.tickets.change(ticket.id, raised, cause()) for _ in range(10)]
        await race([*good[:5], fails(), *good[5:], fails()])
        self.assertEqual(ticket.price + 10, (await store.tickets.get(ticket.id)).price)
        self.assertEqual(11, len(await told(store.outbox)))
        self.assertEqual(ticket.price + 11, (await store.tickets.change(ticket.id, raised, why)).price)

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store = await self.new()
        ticket = (await store.tickets.add(register(), cause("k"))).state
        why = cause(consumer="ticket")
        changed, events = await store.tickets.change(ticket.id, raised, why), await told(store.outbox)
        store = await self.restarted(store)
        self.assertEqual(changed, await store.tickets.get(ticket.id))
        self.assertEqual(events, await told(store.outbox))
        self.assertEqual(changed, (await store.tickets.add(register(), cause("k"))).state)
        self.assertEqual(changed, await store.tickets.change(ticket.id, boom, why))

    async def test_two_processes_lose_no_change_of_each_other(self) -> None:
        store = await self.new()
        other = await self.second(store)
        ticket = await added(store)
        await race(one.tickets.change(ticket.id, raised, cause()) for one in (store, other) * 10)
        self.assertEqual(ticket.price + 20, (await other.tickets.get(ticket.id)).price)


class Recovering(Conformance[TicketStore]):
    """Tickets that were told of and are lost, or not as far as was told: as after a store was put back."""

    async def test_what_was_told_is_there_again_and_told_to_nobody(self) -> None:
        store, lost = await self.new(), TicketId(1_000)
        before, (registered,) = register(capacity=3, starts=NOW, cancel_until=NOW)(lost)
        after, (changed,) = raised(before)
        for told_, said in ((before, registered), (after, changed), (before, registered)):
            await store.tickets.recover(told_, said, cause(consumer="ticket"))
        self.assertEqual((after, []), (await store.tickets.get(lost), await told(store.outbox)))
        self.assertGreater((await added(store)).id, lost)
        gone, (said,) = deleted(after)
        await store.tickets.recover(gone, said, cause(consumer="ticket"))
        await self.check_refused(store.tickets.get(lost), NotFound)

    async def test_what_is_as_far_stays_as_it_is(self) -> None:
        store = await self.new()
        ticket = await added(store)
        now = await store.tickets.change(ticket.id, repriced(99), cause())
        _, (said,) = repriced(98)(ticket)
        await store.tickets.recover(evolve(now, price=98), said, cause(consumer="ticket"))
        self.assertEqual(now, await store.tickets.get(ticket.id))


class TicketsConformance(Adding, Changing, Searching, Recovering):
    """All that a store of tickets guarantees."""
