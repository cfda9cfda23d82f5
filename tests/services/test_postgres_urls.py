"""A service is served and its store migrated with the same URL of PostgreSQL; what it asks for is done or refused."""

from __future__ import annotations

import asyncio

import pytest

from adapters.persistence import Database, StoreError, migrate
from apps.addresses import sql_url
from tests.services.replicated import listed

READS = ("SELECT current_setting('application_name'), current_setting('statement_timeout')", ())


def of(form: str, database: str) -> str:
    return sql_url(form.format(database.partition("://")[2]))


@pytest.mark.parametrize(
    "form",
    [
        "postgres://{}",
        "postgresql://{}?sslmode=prefer",
        "postgresql+asyncpg://{}",
        "postgresql://{}?application_name=shop&connect_timeout=20&options=-c%20statement_timeout%3D9s",
    ],
)
async def test_one_url_is_good_for_both(postgres_database, form):
    url = of(form, postgres_database)
    await asyncio.to_thread(migrate, url, "log")
    db = await Database.open(url, "log")
    try:
        ((application, longest),) = await db._reader.rows(READS)
    finally:
        await db.close()
    assert (application, longest) == (("shop", "9s") if "shop" in form else ("myticket", "0"))


@pytest.mark.parametrize(
    "parameters, named",
    [
        ("channel_binding=require", "channel_binding"),
        ("ssl=require", '"ssl"'),
        ("keepalives=1", "keepalives"),
        ("sslmode=bogus", "sslmode"),
        ("sslmode=verify-full&sslrootcert=/nowhere", "sslrootcert"),
        ("statement_timeout=soon", "statement_timeout"),
        ("connect_timeout=soon", "connect_timeout"),
        ("connect_timeout", "connect_timeout"),
    ],
)
@pytest.mark.parametrize("hosts", [1, 2])
async def test_a_parameter_that_cannot_be_used_ends_a_start_with_its_name(postgres_database, parameters, named, hosts):
    """Unavailable would be waited for, without end."""
    await asyncio.to_thread(migrate, postgres_database, "log")
    url = of("postgresql://{}?" + parameters, listed(*[postgres_database] * hosts))
    for refusal in (await refused(Database.open(url, "log")), await refused(asyncio.to_thread(migrate, url, "log"))):
        where, _, why = refusal.partition("that cannot be used:")
        assert where.startswith("postgresql://")
        assert named in why
        assert why.index(named) < why.index("leave it out")


async def refused(attempt) -> str:
    with pytest.raises(StoreError) as error:
        await attempt
    return str(error.value)
