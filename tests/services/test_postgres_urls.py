"""A service is served and its store migrated with the same URL of PostgreSQL; what it asks for is done or refused."""

from __future__ import annotations

import asyncio

import pytest

from adapters.persistence import Database, StoreError, migrate
from apps.setting_addresses import sql_url
from myticket_core.errors import Unavailable
from tests.services.postgres_tls import certified, over_tls
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


async def test_a_server_is_believed_by_its_authority_and_the_name_that_it_is_asked_by(postgres_database, tmp_path):
    """As k8s/README.md says it: without `verify-full` whoever is asked is believed to be the store."""
    folders = tmp_path / "ours", tmp_path / "others"
    for folder in folders:
        folder.mkdir()
    (cert, key), (other, _) = (certified(folder) for folder in folders)
    async with over_tls(postgres_database, cert, key) as there:
        form = "postgresql://{}?sslmode=verify-full&sslrootcert="
        await migrated_and_opened(of(f"{form}{cert}", there))
        await migrated_and_opened(of("postgresql://{}?sslmode=require", there))
        elsewhere = there.replace("127.0.0.1", "localhost")
        for url in (of(f"{form}{other}", there), of(f"{form}{cert}", elsewhere)):
            for attempt in (Database.open(url, "log"), asyncio.to_thread(migrate, url, "log")):
                with pytest.raises(Unavailable, match="certificate verify failed"):
                    await attempt


async def migrated_and_opened(url):
    await asyncio.to_thread(migrate, url, "log")
    await (await Database.open(url, "log")).close()


async def refused(attempt) -> str:
    with pytest.raises(StoreError) as error:
        await attempt
    return str(error.value)
