"""On a real PostgreSQL: what a group of writes looks for is found by an index, however much else there is.

What SQLite makes of these statements is another matter (test_persistence_lists.py).
"""

from __future__ import annotations

import asyncio
import json

import pytest

from adapters.persistence import migrate
from adapters.persistence.postgres import _BY_INDEX, _SETTINGS, Postgres
from adapters.persistence.statements import prepared
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
    await asyncio.to_thread(migrate, postgres_database, service)
    async with administering(postgres_database) as connection:
        await connection.execute("; ".join(f"SET {it} = '{value}'" for it, value in {**_SETTINGS, **_BY_INDEX}.items()))
        await connection.execute(f"PREPARE asked AS {statement.sql}")
        given = ", ".join("'{}'" if name in LISTS else "'1'" for name in statement.names)
        (found,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({given})")
    (plan,) = json.loads(found[0])
    assert scans(plan["Plan"])
    assert whole(plan["Plan"]) == [], statement.sql
