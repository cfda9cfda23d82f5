"""On a real PostgreSQL: what a group of writes looks for is found by an index, however much else there is.

What SQLite makes of these statements is another matter (test_persistence_lists.py).
"""

from __future__ import annotations

import asyncio
import re

import pytest

from adapters.persistence import contacts, documents, migrate
from adapters.persistence.postgres import _BY_INDEX, _SETTINGS, Postgres
from adapters.persistence.statements import _together, prepared
from tests.services.postgres_world import administering, plan, scans
from tests.services.test_persistence_lists import PLANS

LISTS = {"keys", "along", "tickets"}
BY_KEYS = {
    what: (service, said)
    for what, (service, statement) in PLANS.items()
    if LISTS & {*(said := prepared(statement, Postgres.dialect)).names}
}


async def planned(url, service, sql, given):
    """Of a table that is empty, as who writes has it planned."""
    await asyncio.to_thread(migrate, url, service)
    async with administering(url) as connection:
        return await plan(connection, sql, given, {**_SETTINGS, **_BY_INDEX})


@pytest.mark.parametrize("what", BY_KEYS)
async def test_no_table_is_read_from_end_to_end(postgres_database, what):
    service, statement = BY_KEYS[what]
    given = ["'{}'" if name in LISTS else "'1'" for name in statement.names]
    found = [
        it for it in scans(await planned(postgres_database, service, statement.sql, given)) if "Relation Name" in it
    ]
    assert found
    assert [it for it in found if "Relation Name" in it and not {"Index Cond", "Recheck Cond"} & {*it}] == [], (
        statement.sql
    )


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
    found = scans(await planned(postgres_database, service, sql, ["'{}'"] * len(kind.update.names)))
    (one,) = (it for it in found if it.get("Relation Name") == kind.table.name)
    assert {kind.key, *kind.pinned} <= {*re.findall(r"\w+", one["Index Cond"])}, one
