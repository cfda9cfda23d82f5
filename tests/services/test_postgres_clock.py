"""On a real PostgreSQL: who shares a store agrees on the time, however wrong the machines' clocks are."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import structlog

from adapters.persistence import Database, StoreClock, clock, migrate
from adapters.system import SystemClock
from apps import command_stores, places, timekeeping
from apps.composing import composed
from apps.settings import Settings
from tests.services.stores import NOW, opened

NEAR = timedelta(seconds=10)
"""Far less than what clocks are wrong by here, and more than a busy machine takes between two lines."""


class Wrong(SystemClock):
    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def now(self):
        return super().now() + self.ahead


@pytest.fixture
async def store(postgres_database):
    await asyncio.to_thread(migrate, postgres_database, "book")
    db = await Database.open(postgres_database, "book")
    yield db
    await db.close()


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(minutes=-6)])
async def test_a_machines_clock_does_not_matter(store, ahead):
    time = StoreClock(Wrong(ahead))
    told = await time.look(store)
    assert abs(told - ahead) < NEAR
    assert abs(time.now() - await store.time()) < NEAR


async def test_setting_it_while_it_runs_does_not_either(store):
    machine = Wrong(timedelta(0))
    time = StoreClock(machine)
    await time.look(store)
    before = time.now()
    machine.ahead = timedelta(days=1)
    assert timedelta(0) <= time.now() - before < NEAR


@pytest.mark.parametrize(
    "said, moves", [(0, 0), (2, 0), (4, 0), (-1, -1), (5, 1), (3600, 3596)], ids=lambda seconds: f"{seconds} s"
)
async def test_it_moves_by_no_more_than_a_slow_answer_wants(monkeypatch, said, moves):
    """Four seconds pass from the question to the answer, which is `said` seconds later than it was at the question."""
    passed = [1000.0]

    class Machine(SystemClock):
        def now(self):
            return NOW + timedelta(seconds=passed[0] - 1000)

    class Store:
        async def time(self):
            passed[0] += 4
            return NOW + timedelta(seconds=said)

    monkeypatch.setattr(clock, "_running", lambda: passed[0])
    time = StoreClock(Machine())
    assert await time.look(Store()) == timedelta(seconds=-moves)
    assert time.now() - Machine().now() == timedelta(seconds=moves)


async def test_a_file_goes_by_its_machine(tmp_path):
    async with opened(tmp_path) as db:
        time = StoreClock(Wrong(timedelta(hours=1)))
        assert await time.look(db) < NEAR
        assert abs(time.now() - SystemClock().now() - timedelta(hours=1)) < NEAR


async def test_a_service_goes_by_its_store_and_says_when_its_machine_is_wrong(postgres_database, tmp_path, monkeypatch):
    settings = Settings(data=tmp_path)
    stores = {**places.stores(settings), "ticket": postgres_database}
    for name in ("log", "ticket"):
        await asyncio.to_thread(migrate, stores[name], name)
    monkeypatch.setattr("apps.opening.SystemClock", lambda: Wrong(timedelta(hours=1)))
    async with composed(settings, stores, ["ticket"]) as containers:
        assert abs(containers["ticket"].clock().now() - SystemClock().now()) < NEAR
        assert abs(timekeeping.sales_clock({"book": containers["ticket"]}).now() - SystemClock().now()) < NEAR
        (keeper,) = timekeeping.timekeepers(containers)
        with structlog.testing.capture_logs() as lines:
            await keeper.step()
    (line,) = [line for line in lines if line["event"] == "clock"]
    assert line["seconds_ahead_of_the_store"] == pytest.approx(3600, abs=10)


async def test_a_service_on_a_file_has_nobody_to_ask(tmp_path):
    settings = Settings(data=tmp_path)
    stores = places.stores(settings)
    for name in ("log", "ticket"):
        await asyncio.to_thread(migrate, stores[name], name)
    async with composed(settings, stores, ["ticket"]) as containers:
        assert timekeeping.timekeepers(containers) == []


async def test_a_command_goes_by_it_too(postgres_database, tmp_path, monkeypatch):
    await asyncio.to_thread(migrate, postgres_database, "book")
    monkeypatch.setattr("apps.command_stores.SystemClock", lambda: Wrong(timedelta(hours=1)))
    settings = Settings(data=tmp_path)
    async with command_stores.opened(settings, {"book": postgres_database}, "book") as (_, time):
        assert abs(time.now() - SystemClock().now()) < NEAR
