"""Any way for booking to ask about a ticket. Subclass CatalogConformance; `new` gives a Catalog."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve, frozen

from myticket_core.booking.ports import TicketCatalog
from myticket_core.booking.terms import Terms
from myticket_core.conformance.base import Conformance
from myticket_core.conformance.builders import NOW, cause
from myticket_core.conformance.ticket_store import deleted, register, repriced
from myticket_core.errors import NotFound
from myticket_core.ticket.ports import Tickets

__all__ = ["Catalog", "CatalogConformance"]


@frozen
class Catalog:
    """The way to the tickets, and the tickets it leads to."""

    catalog: TicketCatalog
    tickets: Tickets


class CatalogConformance(Conformance[Catalog]):
    """All that the way to the tickets guarantees."""

    async def test_the_terms_are_the_tickets_own(self) -> None:
        under, ends = await self.new(), NOW.replace(microsecond=0)
        cancel: dict[str, Any] = {"cancel_until": ends - timedelta(days=1), "cancel_fee_percent": 10}
        full = await under.tickets.add(register(7, 15_000, "서울", 3, ends=ends, **cancel), cause())
        expected = Terms(company_id=7, price=15_000, capacity=3, name="서울", ends=ends, version=1, **cancel)
        self.assertEqual(expected, await under.catalog.terms(full.state.id))
        bare = await under.tickets.add(register(7, 0, None), cause())
        free = Terms(company_id=7, price=0, capacity=None, version=1)
        self.assertEqual(free, await under.catalog.terms(bare.state.id))

    async def test_new_terms_come_in_a_newer_version(self) -> None:
        under = await self.new()
        ticket = (await under.tickets.add(register(), cause())).state
        before = await under.catalog.terms(ticket.id)
        await under.tickets.change(ticket.id, repriced(99), cause())
        self.assertEqual(evolve(before, price=99, version=2), await under.catalog.terms(ticket.id))

    async def test_what_is_not_there_or_deleted_is_not_found(self) -> None:
        under = await self.new()
        ticket = (await under.tickets.add(register(), cause())).state
        await self.check_refused(under.catalog.terms(ticket.id + 1), NotFound)
        await under.tickets.change(ticket.id, deleted, cause())
        await self.check_refused(under.catalog.terms(ticket.id), NotFound)
