"""What a provider has said is forgotten a while after it was followed, and never before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from adapters.persistence import Database, SqlHints
from adapters.persistence.provider_notes import REMEMBERED
from adapters.persistence.schema.pay import HINTS
from adapters.system import RandomIds
from myticket_core.payment.ports import Hint
from tests.services.stores import Ticking, put

DAY = timedelta(days=1)


async def test_only_what_was_followed_is_forgotten_after_a_while(tmp_path: Path) -> None:
    clock = Ticking()
    db = await Database.open(put(tmp_path, "pay"), "pay", clock, RandomIds())
    try:
        hints, kept = SqlHints(db), []
        for id in ("followed", "waits"):
            await hints.keep(Hint(id, "refund.updated", "booking-5", None))
        for wait in (timedelta(0), REMEMBERED - DAY, 2 * DAY):
            clock.at += wait
            await hints.followed(["followed"])
            kept.append({id for (id,) in await db.rows(select(HINTS.c.id))})
        assert kept == [{"followed", "waits"}, {"followed", "waits"}, {"waits"}]
        assert [hint.id for hint in await hints.waiting(10)] == ["waits"]
    finally:
        await db.close()
