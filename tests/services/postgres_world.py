"""A real PostgreSQL as a test has it: by its administrator, as a role, as a store, by something in front of it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from adapters.persistence import Database, migrate
from adapters.system import RandomIds
from tests.services.stores import Bookings, Ticking


@asynccontextmanager
async def administering(url):
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def plan(connection, sql, given, settings):
    """What a program with these settings has it answered by."""
    await connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in settings.items()))
    await connection.execute(f"PREPARE asked AS {sql}")
    (found,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({', '.join(given)})")
    return json.loads(found[0])[0]["Plan"]


def nodes(plan):
    """It, with all below."""
    return [plan, *(it for below in plan.get("Plans", []) for it in nodes(below))]


def scans(plan):
    return [it for it in nodes(plan) if "Scan" in it["Node Type"]]


@asynccontextmanager
async def role(server, rights=""):
    """One that may log in; what it owns and was granted goes with it."""
    name = f"role_{uuid4().hex}"
    await server.execute(f"CREATE ROLE {name} LOGIN {rights} PASSWORD 'secret'")
    yield name
    await server.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def as_role(url, name):
    parts = urlsplit(url)
    return parts._replace(netloc=f"{name}:secret@{parts.hostname}:{parts.port}").geturl()


@asynccontextmanager
async def opened(url):
    """The store of book."""
    db = await Database.open(url, "book", Ticking(), RandomIds())
    try:
        yield Bookings(db)
    finally:
        await db.close()


@asynccontextmanager
async def two(url, service):
    """Two processes on the store of a service."""
    await asyncio.to_thread(migrate, url, service)
    made = [await Database.open(url, service, Ticking(), RandomIds()) for _ in range(2)]
    try:
        yield made
    finally:
        for db in made:
            await db.close()


@asynccontextmanager
async def in_front(url, serve):
    """The URL by which every connection is handed to `serve`."""
    server, far = await asyncio.start_server(serve, "127.0.0.1", 0), urlsplit(url)
    near = f"{far.netloc.rpartition(':')[0]}:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield far._replace(netloc=near).geturl()
