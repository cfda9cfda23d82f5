"""The log's tail: read once for all groups, whoever is ahead, behind, or far behind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.persistence import Database, SqlLog, log_tail, migrate
from adapters.system import RandomIds
from myticket_core.messages import Envelope
from myticket_core.ports import EventLog
from tests.services.stores import NOW, Ticking, url_of

NO_TIME = timedelta(0)


async def _all(reader: EventLog, limit: int) -> list[int]:
    seen: list[int] = []
    while records := await reader.read(limit, NO_TIME):
        seen += [record.position for record in records]
    await reader.rewind()
    return seen


def _envelopes(count: int) -> list[Envelope]:
    return [Envelope(f"e{n}", "Booked", "book", str(n % 3), {"id": n}, NOW, "c") for n in range(count)]


@pytest.mark.parametrize("remembered", [1, 5, 4096])
async def test_every_group_reads_everything_once_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr(log_tail, "REMEMBERED", remembered)
    migrate(url_of(tmp_path, "log"), "log")
    db = await Database.open(url_of(tmp_path, "log"), "log", Ticking(), RandomIds())
    log = SqlLog(db)
    ahead, behind, late = (log.reader(name) for name in ("ahead", "behind", "late"))
    await log.publisher().publish(_envelopes(20))
    await ahead.commit(await ahead.read(15, NO_TIME))
    log = SqlLog(db)  # as after a restart: the first to ask is the one that is ahead
    ahead, behind, late = (log.reader(name) for name in ("ahead", "behind", "late"))
    assert await _all(ahead, 2) == [16, 17, 18, 19, 20]
    assert await _all(behind, 3) == list(range(1, 21))
    await log.publisher().publish(_envelopes(20))
    assert await _all(late, 7) == list(range(1, 41))
    assert await _all(ahead, 2) == list(range(16, 41))
    await db.close()


async def test_a_group_far_ahead_of_what_is_remembered_is_not_held_up(tmp_path: Path) -> None:
    migrate(url_of(tmp_path, "log"), "log")
    db = await Database.open(url_of(tmp_path, "log"), "log", Ticking(), RandomIds())
    await SqlLog(db).publisher().publish(_envelopes(30))
    done = SqlLog(db).reader("done")
    await done.commit(await done.read(25, NO_TIME))
    log = SqlLog(db)
    new, done = log.reader("new"), log.reader("done")
    assert [record.position for record in await new.read(2, NO_TIME)] == [1, 2]
    assert await _all(done, 2) == [26, 27, 28, 29, 30]
    await db.close()
