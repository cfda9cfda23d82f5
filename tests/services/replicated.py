"""A real PostgreSQL, and another one that follows it and may take its place."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from scripts.services import Postgres, Service, StartFailed
from scripts.services.postgres import _binary
from tests.services.postgres_world import administering

SETTLED_WITHIN = 60.0


class Follower(Postgres):
    """Begins as a copy of `primary`, and follows it until it is promoted."""

    name = "postgres-follower"

    def __init__(self, primary: Postgres) -> None:
        super().__init__()
        self._primary = primary

    def _initdb(self, folder: Path, password: Path) -> None:
        words = ["-d", self._primary.url, "-D", str(folder), "-R", "-X", "stream", "-c", "fast"]
        copied = subprocess.run(
            [_binary("pg_basebackup"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.options()
        )
        if copied.returncode:
            raise StartFailed(f"{self._primary.url} could not be copied:\n{copied.stdout.decode(errors='replace')}")


@frozen
class Pair:
    primary: Postgres
    follower: Follower

    @property
    def url(self) -> str:
        """Of the two, whichever writes."""
        return listed(self.primary.url, self.follower.url)

    async def fail_over(self) -> None:
        """The primary is gone for good, and the other one takes what is written when this returns."""
        self.primary.kill()
        async with administering(self.follower.url) as connection:
            assert await connection.fetchval("SELECT pg_promote()")


@asynccontextmanager
async def pair(own: Callable[[], Service]) -> AsyncIterator[Pair]:
    """Nothing is acknowledged that the follower does not have; `own` starts a PostgreSQL."""
    primary = own()
    assert isinstance(primary, Postgres)
    try:
        with Follower(primary) as follower:
            await _synchronous(primary.url)
            yield Pair(primary, follower)
    finally:
        primary.stop()


def listed(*urls: str) -> str:
    """The URL that names the hosts of all of them, and whatever else the first one says."""
    hosts = [urlsplit(url).netloc.rpartition("@")[2] for url in urls]
    first = urlsplit(urls[0])
    return first._replace(netloc=f"{first.netloc.rpartition('@')[0]}@{','.join(hosts)}").geturl()


async def _synchronous(url: str) -> None:
    async with administering(url) as connection, asyncio.timeout(SETTLED_WITHIN):
        await connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await connection.execute("SELECT pg_reload_conf()")
        while await connection.fetchval("SELECT sync_state FROM pg_stat_replication") != "sync":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
