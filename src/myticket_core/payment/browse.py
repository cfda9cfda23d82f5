"""Looking at payments. Reads skip the domain."""

from __future__ import annotations

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.paging import Page, Paging
from myticket_core.payment.model import Payment, PaymentId
from myticket_core.payment.ports import PaymentBook


@frozen
class BrowsePayments:
    """One's own payments, or those for one's own tickets; what is not yours is NotFound."""

    payments: PaymentBook

    async def one(self, id: PaymentId, owner: Scope) -> Payment:
        return await self.payments.get(id, owner)

    async def of_booking(self, booking_id: int, owner: Scope) -> Payment:
        return await self.payments.of_booking(booking_id, owner)

    async def list(self, owner: Scope, paging: Paging) -> Page[Payment]:
        return await self.payments.list(owner, paging)
