"""On a real PostgreSQL: lists of those who have many are read in their order, and what a customer holds by itself."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from adapters.persistence import bookings, migrate
from adapters.persistence.postgres import _BY_INDEX, _SETTINGS, Postgres
from adapters.persistence.statements import prepared
from myticket_core.booking.campaign import Outcome
from tests.services.postgres_world import administering, nodes, plan, scans
from tests.services.test_persistence_lists import PLANS

LISTED = {
    "a customer's bookings": "bookings_by_customer",
    "a company's bookings": "bookings_by_company",
    f"what is {Outcome.FAILED}": "bookings_failed",
    "a customer's payments": "payments_by_customer",
    "a company's payments": "payments_by_company",
    "a customer's notifications": "notifications_by_customer",
    "a company's read ones": "notifications_by_company",
    "what somebody has not read": "notifications_unread_by_recipient",
    "a customer's pages": "booking_pages_by_customer",
    "a company's pages": "booking_pages_by_company",
    "a ticket's pages": "booking_pages_by_ticket",
}
ONES = "FROM (SELECT n, CASE WHEN n % 100 = 0 THEN 1 ELSE n END AS whose FROM generate_series(1, 20000) AS n) AS many"
"""Of one many, which have been read; of others one each."""
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
    "alarm": f"""
        INSERT INTO notifications (id, event_id, event, channel, text, correlation_id, customer_id, company_id,
            created_at, due_at, status, attempts, read_at, recipient)
        SELECT n, n, '', 'inbox', repeat('.', 300), '', whose, whose, n, n, 'DELIVERED', 1,
            CASE whose WHEN 1 THEN n END, whose || '/' {ONES}
    """,
    "mypage": f"""
        INSERT INTO booking_pages (view, booking_id, ticket_id, company_id, customer_id, document)
        SELECT 1, n, whose, whose, whose, repeat('.', 300) {ONES}
    """,
}
"""Of 500 owners and tickets, of which nothing failed; or of ONES."""
LIVE = "live_view_pkey"
"""Which view is the live one is looked up within."""
ASKED = {"recipient": "1/", "limit": 20, "offset": 0, "read": True}
"""Of whom else: number 1."""


@asynccontextmanager
async def filled(url, service):
    await asyncio.to_thread(migrate, url, service)
    async with administering(url) as connection:
        await connection.execute(FILLED[service])
        await connection.execute("VACUUM (ANALYZE)")
        yield connection


@pytest.mark.parametrize("what", LISTED)
async def test_a_list_is_read_in_its_order_from_where_it_is_wanted(postgres_database, what):
    """By whose it is: else many are sorted, or all are looked through for a few."""
    service, statement = PLANS[what]
    said = prepared(statement, Postgres.dialect)
    given = [f"'{ASKED.get(name, 1)}'" for name in said.names]
    async with filled(postgres_database, service) as connection:
        found = await plan(connection, said.sql, given, _SETTINGS)
    assert {it["Index Name"] for it in scans(found) if "Index Name" in it} - {LIVE} == {LISTED[what]}
    assert "Sort" not in {it["Node Type"] for it in nodes(found)}


async def test_what_a_customer_holds_is_not_sought_among_all_that_is_held(postgres_database):
    """Many hold within minutes, and the last ANALYZE saw none of them."""
    said = prepared(bookings.KIND.count, Postgres.dialect)
    async with filled(postgres_database, "book") as connection:
        await connection.execute("UPDATE bookings SET status = 'PENDING' WHERE id > 10000")
        found = await plan(connection, said.sql, ["'{1}'"], {**_SETTINGS, **_BY_INDEX})
    assert [it["Index Name"] for it in scans(found)] == ["bookings_held"]
