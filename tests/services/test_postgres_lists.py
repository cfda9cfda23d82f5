"""On a real PostgreSQL: lists of bookings and payments are read in their order, and what a customer holds by itself."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from adapters.persistence import bookings, migrate
from adapters.persistence.postgres import _BY_INDEX, _SETTINGS, Postgres
from adapters.persistence.statements import prepared
from myticket_core.booking.campaign import Outcome
from tests.services.postgres_world import administering
from tests.services.test_persistence_lists import PLANS
from tests.services.test_postgres_plans import scans

LISTED = {
    "a customer's bookings": "bookings_by_customer",
    "a company's bookings": "bookings_by_company",
    f"what is {Outcome.FAILED}": "bookings_failed",
    "a customer's payments": "payments_by_customer",
    "a company's payments": "payments_by_company",
}
FILLED = {
    "book": """
        INSERT INTO bookings (id, ticket_id, customer_id, company_id, price, expires_at, created_at, correlation_id,
            status, version)
        SELECT n, n % 500, n % 500, n % 500, 1, n, n, '', 'BOOKED', 1 FROM generate_series(1, 20000) n
    """,
    "pay": """
        INSERT INTO payments (id, booking_id, customer_id, company_id, correlation_id, created_at, status, version)
        SELECT n, n, n % 500, n % 500, '', n, 'APPROVED', 1 FROM generate_series(1, 20000) n
    """,
}
"""Of 500 owners and tickets, of which nothing failed."""


@asynccontextmanager
async def filled(url, service):
    await asyncio.to_thread(migrate, url, service)
    async with administering(url) as connection:
        await connection.execute("; ".join(f"SET {it} = '{value}'" for it, value in _SETTINGS.items()))
        await connection.execute(FILLED[service])
        await connection.execute("ANALYZE")
        yield connection


async def indexes(connection, statement, given):
    """Those that the statement is answered by."""
    await connection.execute(f"PREPARE asked AS {statement.sql}")
    (found,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({given})")
    return {it["Index Name"] for it in scans(json.loads(found[0])[0]["Plan"]) if "Index Name" in it}


@pytest.mark.parametrize("what", LISTED)
async def test_a_list_is_read_in_its_order(postgres_database, what):
    service, statement = PLANS[what]
    said = prepared(statement, Postgres.dialect)
    given = ", ".join({"limit": "20", "offset": "0"}.get(name, "1") for name in said.names)
    async with filled(postgres_database, service) as connection:
        assert await indexes(connection, said, given) == {LISTED[what]}


async def test_what_a_customer_holds_is_not_sought_among_all_that_is_held(postgres_database):
    """Many hold within minutes, and the last ANALYZE saw none of them."""
    said = prepared(bookings.KIND.count, Postgres.dialect)
    async with filled(postgres_database, "book") as connection:
        await connection.execute("; ".join(f"SET {it} = '{value}'" for it, value in _BY_INDEX.items()))
        await connection.execute("UPDATE bookings SET status = 'PENDING' WHERE id > 10000")
        assert await indexes(connection, said, "'{1}'") == {"bookings_held"}
