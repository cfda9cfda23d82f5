"""What is for sale, beside the bookings that are claimed from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, or_

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind
from adapters.persistence.schema.book import BOOKINGS, CANCELING, SALES, WAITED_AT
from adapters.persistence.schema.types import micros, micros_or_null, moment_or_null
from adapters.persistence.statements import Values, among
from myticket_core.booking.campaign import Campaign
from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.booking.sale import Sale, unknown
from myticket_core.booking.terms import Terms
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Decide


def _row(sale: Sale) -> Values:
    terms, campaign = sale.terms, sale.campaign
    named = (terms.company_id, terms.price, terms.capacity, terms.name)
    counts = (sale.ceiling, sale.held, sale.booked, sale.deleted)
    begun: Values = (None,) * 4
    stands: Values = (None,) * 3
    if campaign is not None:
        begun = (campaign.total, campaign.cause_id, campaign.correlation_id, campaign.failed)
        stands = (campaign.paused, campaign.rounds, micros_or_null(campaign.retry_at))
    cancel = (micros_or_null(terms.cancel_until), terms.cancel_fee_percent)
    line = (sale.waiting, sale.numbered)
    told = (terms.version, *counts, *begun, sale.version)
    return (sale.ticket_id, *named, micros_or_null(terms.ends), *told, *cancel, *stands, *line)


def _state(row: Sequence[Any]) -> Sale:
    ticket_id, company_id, price, capacity, name, ends, offer_version = row[:7]
    ceiling, held, booked, deleted, total, cause, correlation, failed, version, until, percent = row[7:18]
    paused, rounds, retry_at, waiting, numbered = row[18:23]
    stands = (failed, paused, rounds, moment_or_null(retry_at))
    return Sale(
        ticket_id=ticket_id,
        terms=Terms(
            company_id=company_id,
            price=price,
            capacity=capacity,
            name=name,
            ends=moment_or_null(ends),
            cancel_until=moment_or_null(until),
            cancel_fee_percent=percent,
            version=offer_version,
        ),
        ceiling=ceiling,
        held=held,
        booked=booked,
        deleted=bool(deleted),
        campaign=None if total is None else Campaign(total, cause, correlation, *stands),
        version=version,
        waiting=waiting,
        numbered=numbered,
    )


KIND: Final = Kind(table=SALES, key="ticket_id", state=_state, row=_row, along=BOOKINGS.c.ticket_id)
_MANY: Final = KIND.selected.where(among(SALES.c.ticket_id, "ids"))
_CAMPAIGNS: Final = (
    KIND.selected.where(CANCELING, SALES.c.ticket_id > bindparam("after"))
    .order_by(SALES.c.ticket_id)
    .limit(bindparam("limit"))
)
_LINES: Final = (
    KIND.selected.where(WAITED_AT, SALES.c.ticket_id > bindparam("after"))
    .where(
        or_(
            SALES.c.deleted,
            SALES.c.price.is_(None),
            SALES.c.ends <= bindparam("now"),
            SALES.c.capacity.is_(None),
            SALES.c.held + SALES.c.booked < SALES.c.capacity,
        )
    )
    .order_by(SALES.c.ticket_id)
    .limit(bindparam("limit"))
)


class SqlSales:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def change(self, ticket_id: int, decide: Decide[Sale], cause: Cause) -> Sale:
        def apply(draft: Draft) -> Sale:
            sale = draft.find(KIND, ticket_id) or unknown(ticket_id)
            if draft.repeated:
                return sale
            sale, events = decide(sale)
            draft.put(KIND, ticket_id, sale)
            draft.tell(events)
            if sale.calls:
                draft.fire(self._db.added)
            return sale

        return await self._db.write(Write(apply, reads=((KIND, ticket_id),), cause=cause))

    async def recover(self, version: int, said: SoldOut | BackOnSale, cause: Cause) -> None:
        def apply(draft: Draft) -> None:
            sale = draft.find(KIND, said.id) or unknown(said.id)
            draft.recover(KIND, said.id, sale.retold(version), said)

        await self._db.write(Write(apply, reads=((KIND, said.id),), cause=cause))

    async def get(self, ticket_id: int) -> Sale:
        for row in await self._db.rows(KIND.one, which=ticket_id):
            return _state(row)
        raise NotFound("ticket", ticket_id)

    async def many(self, ids: Sequence[int]) -> Sequence[Sale]:
        """Those of the numbered tickets that are known here."""
        return [_state(row) for row in await self._db.rows(_MANY, ids=ids)]

    async def campaigns(self, after: int, limit: int) -> Sequence[Sale]:
        return [_state(row) for row in await self._db.rows(_CAMPAIGNS, after=after, limit=limit)]

    async def lines(self, now: datetime, after: int, limit: int) -> Sequence[Sale]:
        rows = await self._db.rows(_LINES, now=micros(now), after=after, limit=limit)
        return [_state(row) for row in rows]
