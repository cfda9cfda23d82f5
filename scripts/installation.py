"""The five services on one PostgreSQL, one MongoDB and one Kafka: a database each, and what each is told by its
environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

SERVICES = ("ticket", "book", "pay", "alarm", "mypage")
ON_SQL = ("ticket", "book", "pay", "alarm")


@frozen(kw_only=True)
class Installation:
    """`postgres` is the URL of a user who may make databases; `name` begins the names of all that is this one's."""

    data: Path
    postgres: str
    mongodb: str
    kafka: str
    name: str = "myticket"

    def store(self, service: str) -> str:
        """The URL of its database."""
        url, path = (self.postgres, f"{self.name}_{service}") if service in ON_SQL else (self.mongodb, self.name)
        return urlsplit(url)._replace(path=f"/{path}").geturl()

    @property
    def stores(self) -> Mapping[str, str]:
        """How every command of myticket is told of all stores at once."""
        return {f"MYTICKET_{name.upper()}_DATABASE_URL": self.store(name) for name in ON_SQL} | {
            "MYTICKET_MONGODB_URL": self.store("mypage")
        }

    @property
    def groups(self) -> str:
        """What the names of its consumer groups begin with."""
        return f"{self.name}."

    @property
    def shared(self) -> Mapping[str, str]:
        """What all five are told alike; the folder has the key of the development tokens, and the sandbox's bank."""
        return {
            "MYTICKET_DATA": str(self.data),
            "MYTICKET_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "MYTICKET_KAFKA_TOPIC": self.name,
            "MYTICKET_KAFKA_GROUP_PREFIX": self.groups,
        }

    def environment(self, service: str, *, pay: str, ticket: str) -> Mapping[str, str]:
        """What it runs with: of the stores its own only; book asks pay and ticket at these URLs."""
        store = {"MYTICKET_DATABASE_URL" if service in ON_SQL else "MYTICKET_MONGODB_URL": self.store(service)}
        asked = {"MYTICKET_API_URL_PAYMENT": pay, "MYTICKET_API_URL_TICKET": ticket} if service == "book" else {}
        return {**self.shared, **store, **asked}

    async def make(self) -> None:
        """The databases that are missing, and this version's schema in all of them."""
        import asyncpg

        server = await asyncpg.connect(self.postgres)
        try:
            there = {name for (name,) in await server.fetch("SELECT datname FROM pg_database")}
            for service in ON_SQL:
                if f"{self.name}_{service}" not in there:
                    await server.execute(f'CREATE DATABASE "{self.name}_{service}"')
        finally:
            await server.close()
        await asyncio.to_thread(self._migrate)

    async def drop(self) -> None:
        """The databases, whoever is still connected; the topic stays."""
        await asyncio.gather(*(self._dropped(service) for service in ON_SQL))
        await asyncio.to_thread(self._forget_pages)

    async def _dropped(self, service: str) -> None:
        """By a connection of its own: each waits for a checkpoint, and those that wait together wait for one."""
        import asyncpg

        server = await asyncpg.connect(self.postgres)
        try:
            await server.execute(f'DROP DATABASE IF EXISTS "{self.name}_{service}" WITH (FORCE)')
        finally:
            await server.close()

    def _migrate(self) -> None:
        from adapters.persistence import migrate
        from adapters.persistence.mongo import migrate_documents

        for service in ON_SQL:
            migrate(self.store(service), service)
        migrate_documents(self.store("mypage"))

    def _forget_pages(self) -> None:
        from pymongo import MongoClient

        with MongoClient(self.mongodb) as client:
            client.drop_database(self.name)
