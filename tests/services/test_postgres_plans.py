"""On a real PostgreSQL: what a group of writes looks for is found by an index, however much else there is.

What SQLite makes of these statements is another matter (test_persistence_lists.py).
"""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from adapters.persistence import contacts, documents, migrate
from adapters.persistence.postgres import _BY_INDEX, _SETTINGS, Postgres
from adapters.persistence.statements import _together, prepared
from tests.services.postgres_world import administering
from tests.services.test_persistence_lists import PLANS

LISTS = {"keys", "along", "tickets"}
BY_KEYS = {
    what: (service, said)
    for what, (service, statement) in PLANS.items()
    if LISTS & {*(said := prepared(statement, Postgres.dialect)).names}
}


def scans(node):
    """Those of the plan, with all below."""
    return [
        *([node] if "Scan" in node["Node Type"] else []),
        *(it for one in node.get("Plans", []) for it in scans(one)),
    ]


def whole(plan):
    """What it reads from end to end."""
    return [it for it in scans(plan) if not {"Index Cond", "Recheck Cond"} & {*it} and "Relation Name" in it]


@pytest.mark.parametrize("what", BY_KEYS)
async def test_no_table_is_read_from_end_to_end(postgres_database, what):
    service, statement = BY_KEYS[what]
    given = ["'{}'" if name in LISTS else "'1'" for name in statement.names]
    plan = await planned(postgres_database, service, statement.sql, given)
    assert scans(plan)
    assert whole(plan) == [], statement.sql


OF_SOME = {
    "pages": ("mypage", documents.NUMBERED[2].bookings),
    "tickets' pages": ("mypage", documents.NUMBERED[2].tickets),
    "contacts": ("alarm", contacts._NAMELESS["email"]),
    "places": ("alarm", contacts._PLACES["push"]),
}


@pytest.mark.parametrize("what", OF_SOME)
async def test_one_of_some_is_found_by_its_key_however_many_there_are_of_them(postgres_database, what):
    """A rebuild of a million pages became quadratic: all of the view were read, and all that changed for each."""
    service, kind = OF_SOME[what]
    sql, _ = _together((kind.update,), Postgres.dialect)
    plan = await planned(postgres_database, service, sql, ["'{}'"] * len(kind.update.names))
    (found,) = (it for it in scans(plan) if it.get("Relation Name") == kind.table.name)
    assert {kind.key, *kind.pinned} <= {*re.findall(r"\w+", found["Index Cond"])}, found


async def planned(url, service, sql, given):
    """Of a table that is empty, as who writes has it planned."""
    await asyncio.to_thread(migrate, url, service)
    async with administering(url) as connection:
        await connection.execute("; ".join(f"SET {it} = '{value}'" for it, value in {**_SETTINGS, **_BY_INDEX}.items()))
        await connection.execute(f"PREPARE asked AS {sql}")
        (found,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({', '.join(given)})")
    return json.loads(found[0])[0]["Plan"]


FILLED = {
    "alarm": (
        "INSERT INTO notifications (id, event_id, event, channel, text, correlation_id, customer_id, company_id,"
        " created_at, due_at, status, attempts, read_at, recipient)"
        " SELECT n, n, '', 'inbox', repeat('.', 300), '', whose, whose, n, n, 'DELIVERED', 1,"
        " CASE whose WHEN 1 THEN n END, whose || '/'"
    ),
    "mypage": (
        "INSERT INTO booking_pages (view, booking_id, ticket_id, company_id, customer_id, document)"
        " SELECT 1, n, whose, whose, whose, repeat('.', 300)"
    ),
}
ONES = " FROM (SELECT n, CASE WHEN n % 100 = 0 THEN 1 ELSE n END AS whose FROM generate_series(1, 20000) AS n) AS many"
"""Of one many, which have been read; of others one each."""
NARROWED = {
    "a customer's notifications": "notifications_of_customer",
    "a company's read ones": "notifications_of_company",
    "what somebody has not read": "notifications_unread_of",
    "a customer's pages": "booking_pages_of_customer",
    "a company's pages": "booking_pages_of_company",
    "a ticket's pages": "booking_pages_of_ticket",
}


@pytest.mark.parametrize("what", NARROWED)
async def test_what_is_listed_of_one_who_has_many_begins_where_it_is_wanted(postgres_database, what):
    """By whose it is, in the order of the list: else many are sorted, or all are looked through for the few unread."""
    service, statement = PLANS[what]
    said = prepared(statement, Postgres.dialect)
    await asyncio.to_thread(migrate, postgres_database, service)
    async with administering(postgres_database) as connection:
        await connection.execute("; ".join(f"SET {it} = '{value}'" for it, value in _SETTINGS.items()))
        await connection.execute(FILLED[service] + ONES)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute(f"PREPARE asked AS {said.sql}")
        values = {"recipient": "1/", "limit": 20, "offset": 0, "read": True}
        given = ", ".join(f"'{values.get(name, 1)}'" for name in said.names)
        (found,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({given})")
    (plan,) = json.loads(found[0])
    *_, listed = scans(plan["Plan"])
    assert listed["Index Name"] == NARROWED[what]
    assert '"Sort"' not in found[0]
