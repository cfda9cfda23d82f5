"""New things are numbered from where FIRST_ID says: below are those of a system before this one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from adapters.persistence import SqlTickets, migrate
from apps.opening import Opening
from apps.settings import Settings
from myticket_core.messages import Cause
from myticket_core.ticket.register import Register, RegisterTicket


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ticket.sqlite"
    return str(request.getfixturevalue("postgres_database"))


@asynccontextmanager
async def registering(url: str, first: int) -> AsyncIterator[RegisterTicket]:
    async with AsyncExitStack() as closing:
        opening = Opening(Settings(first_id=first), {"ticket": url}, closing)
        yield RegisterTicket(SqlTickets(await opening.database("ticket")))


async def numbers(register: RegisterTicket, many: int) -> list[int]:
    cause = Cause(id="1", correlation_id="1")
    made = [register(Register(company_id=1, price=0), cause) for _ in range(many)]
    return sorted(it.state.id for it in await asyncio.gather(*made))


async def test_numbers_begin_there_and_never_go_back(url: str) -> None:
    await asyncio.to_thread(migrate, url, "ticket")
    for first, expected in ((1000, [1000, 1001]), (1, [1002, 1003]), (500, [1004, 1005]), (2000, [2000, 2001])):
        async with registering(url, first) as register:
            assert await numbers(register, 2) == expected


async def test_replicas_that_start_at_once_give_no_number_twice(postgres_database: str) -> None:
    await asyncio.to_thread(migrate, postgres_database, "ticket")

    async def replica() -> list[int]:
        async with registering(postgres_database, 1000) as register:
            return await numbers(register, 20)

    given = [number for some in await asyncio.gather(*(replica() for _ in range(5))) for number in some]
    assert len({*given}) == 100
    assert min(given) == 1000
