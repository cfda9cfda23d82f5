"""kill -9 of a process that writes: what it acknowledged is there, and whatever is there is whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.persistence import SqlLog
from adapters.persistence.schema.book import BOOKINGS, SALES
from adapters.persistence.schema.shared import KEYS, LEDGER, OUTBOX
from myticket_core.messages import Envelope
from tests.services.stores import NOW, opened

ROOT = Path(__file__).parents[2]
WRITER = """
import asyncio, sys
from pathlib import Path
from adapters.persistence import SqlLog
from tests.services.stores import Bookings, because, opened
from tests.services.test_persistence_kill import envelope

async def main(folder):
    async with opened(folder) as db, opened(folder, "log") as log:
        store, publisher = Bookings(db), SqlLog(log).publisher()
        await store.offer(None)

        async def buyer(number):
            for turn in range(10_000):
                kept = await store.hold(f"{number}-{turn}")
                print("held", kept.state.id, flush=True)
                await store.bookings.change(kept.state.id, lambda it: it.confirmed(it.id), because(f"{number}-{turn}"))
                print("booked", kept.state.id, flush=True)
                await publisher.publish([envelope(f"{number}-{turn}")])
                print("published", f"{number}-{turn}", flush=True)

        await asyncio.gather(*(buyer(number) for number in range(20)))

asyncio.run(main(Path(sys.argv[1])))
"""


def envelope(id: str) -> Envelope:
    return Envelope(id=id, type="Booked", source="book", key="1", data={"id": 1}, time=NOW, correlation_id="c")


@pytest.mark.parametrize("lines", [30, 333, 1000])
async def test_what_was_acknowledged_is_there_after_a_kill(tmp_path, lines):
    said = written_until_killed(tmp_path, lines)
    async with opened(tmp_path) as db:
        status = dict(await db.rows(select(BOOKINGS.c.id, BOOKINGS.c.status)))
        assert {int(id) for id in said["held"]} <= status.keys()
        assert {int(id) for id in said["booked"]} <= {id for id in status if status[id] == "BOOKED"}
        await check_whole(db, status)
    async with opened(tmp_path, "log") as log:
        there = {record.headers["ce_id"] for record in await records(SqlLog(log))}
        assert set(said["published"]) <= there


def written_until_killed(folder: Path, lines: int) -> dict[str, list[str]]:
    """What the process said before it was killed, some `lines` after it began."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as process:
        assert process.stdout is not None
        heard = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        heard += process.stdout.readlines()
    said: dict[str, list[str]] = {"held": [], "booked": [], "published": []}
    for line in heard:
        if line.endswith("\n"):
            what, id = line.split()
            said[what].append(id)
    assert len(said["held"]) > lines // 4
    return said


async def check_whole(db, status: dict[int, str]) -> None:
    """A booking, its seat, its key, its line in the ledger and its envelope come together or not at all."""
    assert sorted(status) == list(range(1, len(status) + 1))
    booked = [id for id in status if status[id] == "BOOKED"]
    assert await db.rows(select(SALES.c.held, SALES.c.booked)) == [(len(status) - len(booked), len(booked))]
    assert sorted(id for (id,) in await db.rows(select(KEYS.c.id))) == sorted(status)
    assert len(await db.rows(select(LEDGER.c.seq))) == len(status) + len(booked)
    told = [json.loads(data)["id"] for (data,) in await db.rows(select(OUTBOX.c.data))]
    assert sorted(told) == sorted(booked)


async def records(log: SqlLog):
    return await log.reader("all").read(100_000, timedelta(0))
