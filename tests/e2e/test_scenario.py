"""One scenario by REST and by GraphQL, in memory, in one process on SQLite, as five processes, and as fifteen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from attrs import frozen

from adapters.rest import DevelopmentIssuer
from myticket_core.access import Role
from tests.e2e.five import Five
from tests.e2e.on_memory import OnMemory
from tests.e2e.over_graphql import OverGraphql
from tests.e2e.scenario import play, requirements
from tests.e2e.system import NO_GRAPHQL, Answer, System
from tests.until import until

Found = TypeVar("Found")

PATIENT = {"MYTICKET_PAYMENT_TIMEOUT_SECONDS": "20"}
"""Fifteen processes on few cores are slow, and slow payment is another story."""


def test_every_requirement_has_its_place_in_the_story() -> None:
    assert requirements().keys() == {f"R{number}" for number in range(1, 14)}


async def test_in_memory() -> None:
    memory = OnMemory()
    async with memory.running() as client:
        await play(InProcess(client, memory.issuer))
        await play(OverGraphql(InProcess(client, memory.issuer)))


@pytest.mark.slow
async def test_in_one_process_on_sqlite(tmp_path: Path) -> None:
    async with System(tmp_path) as system:
        await play(Over(system))
        await play(OverGraphql(Over(system)))


@pytest.mark.slow
async def test_as_five_processes(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    async with Five(tmp_path, postgres_url, mongodb_url, kafka, settings=PATIENT) as five:
        await play(Over(five))
        await play(OverGraphql(Over(five)))


@pytest.mark.slow
async def test_as_three_of_each(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    async with Five(tmp_path, postgres_url, mongodb_url, kafka, replicas=3, settings=NO_GRAPHQL | PATIENT) as five:
        await play(Over(five))


@frozen
class Over:
    """HTTP, to processes."""

    system: System | Five

    async def ask(self, method: str, path: str, who: str | None = None, body: Any = None) -> Answer:
        token = None if who is None else await self._token(who)
        return await self.system.ask(method, path, token, body)

    async def graph(self, path: str, who: str | None, body: Any) -> Answer:
        token = None if who is None else await self._token(who)
        return await self.system.ask("POST", "/graphql", token, body, at=self.system.where(path))

    async def eventually(self, there: Callable[[], Awaitable[Found]]) -> Found:
        return await until(there)

    async def _token(self, who: str) -> str:
        role, _, id = who.partition(" ")
        return await {"organizer": self.system.organizer, "customer": self.system.customer}[role](int(id))


@frozen
class InProcess:
    client: httpx.AsyncClient
    issuer: DevelopmentIssuer

    async def ask(self, method: str, path: str, who: str | None = None, body: Any = None) -> Answer:
        headers = {} if who is None else {"Authorization": f"Bearer {self._token(who)}"}
        answer = await self.client.request(method, path, json=body, headers=headers)
        return Answer(answer.status_code, answer.json() if answer.content else None, answer.headers)

    async def graph(self, path: str, who: str | None, body: Any) -> Answer:
        return await self.ask("POST", "/graphql", who, body)

    async def eventually(self, there: Callable[[], Awaitable[Found]]) -> Found:
        return await until(there)

    def _token(self, who: str) -> str:
        role, _, id = who.partition(" ")
        return self.issuer.token(Role(role), **{f"{'company' if role == 'organizer' else 'customer'}_id": int(id)})
