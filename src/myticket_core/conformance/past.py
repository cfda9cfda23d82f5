"""Any past. Subclass PastConformance; `new` gives a Remembering, whose tickets are asked for and hear things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from myticket_core.conformance.base import Conformance, pause, race
from myticket_core.conformance.builders import cause, said
from myticket_core.conformance.ticket_store import TicketStore, added, raised, register
from myticket_core.messages import Cause
from myticket_core.ports import Past

__all__ = ["PastConformance", "Remembering"]

ALL: Final = 1000


@frozen
class Remembering:
    """Both on one database."""

    store: TicketStore
    past: Past


class PastConformance(Conformance[Remembering]):
    """All that a past guarantees."""

    async def test_an_old_key_is_as_new_and_a_young_one_remembered(self) -> None:
        it = await self.new()
        old, young = cause(key="old"), cause(key="young")
        first = await added(it.store, why=old)
        between = await _a_moment_later(it)
        second = await added(it.store, why=young)
        self.assertFalse(await it.past.forget(between, ALL))
        self.assertEqual(second, await added(it.store, why=young))
        self.assertNotEqual(first.id, (await added(it.store, why=old)).id)

    async def test_an_old_event_is_as_new_and_a_young_one_remembered(self) -> None:
        it = await self.new()
        ticket = await added(it.store, register(price=1))
        old, young = cause(consumer="ticket"), cause(consumer="ticket")
        await it.store.tickets.change(ticket.id, raised, old)
        between = await _a_moment_later(it)
        await it.store.tickets.change(ticket.id, raised, young)
        self.assertFalse(await it.past.forget(between, ALL))
        self.assertEqual(3, (await it.store.tickets.change(ticket.id, raised, young)).price)
        self.assertEqual(4, (await it.store.tickets.change(ticket.id, raised, old)).price)

    async def test_state_and_what_is_not_published_stay_however_old(self) -> None:
        it = await self.new()
        one, two = await added(it.store), await added(it.store)
        first, second = await said(it.store.outbox)
        await it.store.outbox.published([first.id])
        await it.past.forget(await _a_moment_later(it), ALL)
        self.assertEqual(second, (await said(it.store.outbox))[0])
        self.assertEqual([one, two], [await it.store.tickets.get(ticket.id) for ticket in (one, two)])

    async def test_no_more_than_asked_for_at_once_and_it_says_whether_there_may_be_more(self) -> None:
        it = await self.new()
        causes, kept = await _asked(it, 5)
        after = await _a_moment_later(it)
        self.assertTrue(await it.past.forget(after, 2))
        again = {(await added(it.store, why=why)).id for why in causes}
        self.assertEqual(3, len(kept & again))
        await self._forgets_all(it, after)

    async def test_no_more_events_than_asked_for_are_forgotten_at_once(self) -> None:
        it = await self.new()
        ticket, heard = await added(it.store, register(price=1)), [cause(consumer="ticket") for _ in range(5)]
        for why in heard:
            await it.store.tickets.change(ticket.id, raised, why)
        after = await _a_moment_later(it)
        self.assertTrue(await it.past.forget(after, 2))
        for why in heard:
            ticket = await it.store.tickets.change(ticket.id, raised, why)
        self.assertEqual(1 + 5 + 2, ticket.price, "two were as new")
        await self._forgets_all(it, after)

    async def test_several_may_forget_at_once(self) -> None:
        it = await self.new()
        causes, kept = await _asked(it, 20)
        after, other = await _a_moment_later(it), await self.second(it)
        await race([*(it.past.forget(after, 7) for _ in range(3)), *(other.past.forget(after, 7) for _ in range(3))])
        await self._forgets_all(it, after)
        self.assertEqual(set(), kept & {(await added(it.store, why=why)).id for why in causes})

    async def _forgets_all(self, it: Remembering, before: datetime) -> None:
        for _ in range(20):
            if not await it.past.forget(before, 7):
                return
        self.fail("it always says that there is more")


async def _asked(it: Remembering, number: int) -> tuple[Sequence[Cause], set[int]]:
    """So many keys, and what was made under them."""
    causes = [cause(key=f"key {number}") for number in range(number)]
    return causes, {(await added(it.store, why=why)).id for why in causes}


async def _a_moment_later(it: Remembering) -> datetime:
    """A moment after everything that was done so far and before all that is done next, by the store's own clock."""
    await pause(0.002)
    await added(it.store, why=Cause("a moment", "a moment"))
    *_, last = await said(it.store.outbox)
    await pause(0.002)
    return last.time + timedelta(microseconds=1)
