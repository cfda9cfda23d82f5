"""Whatever URL of PostgreSQL a service is served with, its store is migrated with."""

from __future__ import annotations

import asyncio

import pytest

from adapters.persistence import Database, migrate
from apps.reading import sql_url


@pytest.mark.parametrize("form", ["postgres://{}", "postgresql://{}?sslmode=prefer", "postgresql+asyncpg://{}"])
async def test_one_url_is_good_for_both(postgres_database, form):
    url = sql_url(form.format(postgres_database.partition("://")[2]))
    await asyncio.to_thread(migrate, url, "log")
    db = await Database.open(url, "log")
    await db.close()
