"""A provider as it is deployed: `myticket serve` over PostgreSQL, a document store and Kafka, started once.

Before each interaction its stores are emptied, and the state is made in them by services composed in the test. Those
hand on what is said through a log of their own, so that nothing of one state arrives in the next; what the process
itself says, it says on Kafka, and there it is looked for.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from pymongo import MongoClient
from sqlalchemy import bindparam, select

from adapters.persistence import Database
from adapters.persistence.outbox import envelope
from adapters.persistence.schema.shared import OUTBOX
from adapters.rest import DevelopmentIssuer
from adapters.system import SystemClock
from apps import places
from apps.settings import Settings
from myticket_core.access import Role
from myticket_core.messages import Envelope
from myticket_core.ports import Outbox, Record
from scripts.installation import ON_SQL, Installation
from scripts.services.ports import free_port
from tests.contracts.provider import NAMES, PATIENCE, Provider
from tests.contracts.translating import Translating
from tests.e2e.system import command
from tests.services.kafka_world import lies
from tests.until import until

READY_WITHIN, SAID_WITHIN, ENDS_WITHIN = 60.0, 30.0, 30.0
_FROM_ONE = "SELECT setval(oid::regclass, 1, FALSE) FROM pg_class WHERE relkind = 'S'"
_SAID = select(OUTBOX).where(OUTBOX.c.seq > bindparam("after")).order_by(OUTBOX.c.seq)


class Process(Provider):
    """What asks it comes through a proxy that knows the tokens of the contracts, which no issuer signs.

    The databases are `made`, and may have been another provider's before.
    """

    files = ("log",)

    def __init__(self, name: str, folder: Path, made: Installation) -> None:
        super().__init__(name, folder)
        self._made, self._topic = made, f"{made.name}_{name}"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._app = self._proxy = Translating(self._token)

    def start(self) -> None:
        super().start()
        self._do(self._proxy.open())
        pay = self._launched("pay", f"{self._topic}_pay") if self.name == "book" else ""
        self._proxy.to = self._launched(self.name, self._topic, pay)
        for url, process in self._running.items():
            _wait_for(url, process)

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        codes = [process.wait(ENDS_WITHIN) for process in self._running.values()]
        self._do(self._proxy.close())
        super().stop()
        assert codes == [0] * len(codes)

    def away(self) -> None:
        """From now on nobody answers."""
        self._proxy.to = "http://127.0.0.1:1"

    async def _anew(self, settings: Settings) -> None:
        """The folder of `settings` is new and has the log; the sandbox stays where the process of pay has it open."""
        await self._emptied()
        urls = {f"{name}_database_url": self._made.store(name) for name in ON_SQL}
        stays = Settings(**urls, mongodb_url=self._made.store("mypage"), data=self._made.data,
                         payment_timeout_seconds=PATIENCE)  # fmt: skip
        log = {"log": places.stores(settings)["log"]}
        await self._compose(stays, {**places.stores(stays), **log})

    def _outbox(self, service: Any) -> Outbox:
        return HandedOn(service.database())

    def said(self, event: str) -> Record:
        """The last event of this type, as the process published it."""
        found: Record = self._do(self._published(event))
        return found

    async def _published(self, event: str) -> Record:
        everything = await HandedOn(self.services[self.name].database()).pending(1000)
        (*_, last) = (envelope for envelope in everything if envelope.type == event)

        async def there() -> Record | None:
            lying = await lies(self._made.kafka, self._topic)
            return next((_record(it) for it in lying if dict(it.headers).get("ce_id") == last.id.encode()), None)

        found: Record = await until(there, SAID_WITHIN)
        return found

    async def _emptied(self) -> None:
        await asyncio.gather(*(_no_rows(self._made.store(name)) for name in ON_SQL))
        await asyncio.to_thread(_no_documents, self._made.store("mypage"))
        _no_charges(self._made.data / "sandbox.sqlite")

    def _launched(self, service: str, topic: str, pay: str = "") -> str:
        """Its URL, when it will be ready. It hears no other service: each would say things of states before."""
        port = free_port()
        told = {
            **self._made.environment(service, pay=pay, ticket=""),
            "MYTICKET_TICKET_DATABASE_URL": self._made.store("ticket"),
            "MYTICKET_KAFKA_TOPIC": topic,
            "MYTICKET_KAFKA_GROUP_PREFIX": f"{topic}.",
            "MYTICKET_PUBLIC_URL": self.url,
            "MYTICKET_LOG_LEVEL": "warning",
        }
        url = f"http://127.0.0.1:{port}"
        self._running[url] = subprocess.Popen(
            command("serve", service, "--port", str(port)), env={**os.environ, **told}
        )
        return url

    def _token(self, said: str) -> str:
        """Of the development issuer, for who is named in plain words; whatever else is said is handed on."""
        role, _, id = said.removeprefix("Bearer ").partition("-")
        if role not in set(Role):
            return said
        issuer = DevelopmentIssuer.kept_in(self._made.data, SystemClock())
        return f"Bearer {issuer.token(Role(role), **({NAMES[role]: int(id)} if role in NAMES else {}))}"


class HandedOn:
    """What was said since, whoever has published it; nothing is marked."""

    def __init__(self, database: Database) -> None:
        self._database, self._at = database, 0

    async def pending(self, limit: int) -> Sequence[Envelope]:
        rows = (await self._database.rows(_SAID, after=self._at))[:limit]
        self._at = rows[-1][0] if rows else self._at
        return [envelope(row) for row in rows]

    async def published(self, ids: Sequence[str]) -> None:
        """By the process itself, or not at all."""

    async def wait(self, at_most: timedelta) -> None:
        raise NotImplementedError


def _record(found: Any) -> Record:
    headers = {name: value.decode() for name, value in found.headers}
    key = None if found.key is None else found.key.decode()
    return Record(key=key, value=found.value, headers=headers, topic=found.topic, partition=found.partition,
                  position=found.offset)  # fmt: skip


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN
    while not _ready(url):
        assert process.poll() is None, f"{process.args} has ended"
        assert time.monotonic() < until, f"{process.args} is not ready"
        time.sleep(0.05)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


async def _no_rows(url: str) -> None:
    """Numbers begin with 1 again. As by TRUNCATE, which makes new files for every table and index, however empty."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [f'"{name}"' for (name,) in found if name != "alembic_version"]
        locked = f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"
        async with connection.transaction():
            await connection.execute("; ".join([locked, *(f"DELETE FROM {name}" for name in names), _FROM_ONE]))
    finally:
        await connection.close()


def _no_documents(url: str) -> None:
    """But those that say which schema and which view it is."""
    with MongoClient(url) as client:
        store = client.get_default_database()
        for name in store.list_collection_names():
            if name != "about":
                store[name].delete_many({})


def _no_charges(path: Path) -> None:
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as bank, bank:
        tables = bank.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            bank.execute(f"DELETE FROM {name}")
