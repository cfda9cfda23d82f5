from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, select, true, update

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.schema.shared import OUTBOX, UNPUBLISHED
from adapters.persistence.schema.types import Json, moment
from myticket_core.messages import Envelope

_COLUMN = OUTBOX.c
_PENDING: Final = select(OUTBOX).where(UNPUBLISHED).order_by(_COLUMN.seq).limit(bindparam("limit"))
_PUBLISHED: Final = update(OUTBOX).values(published=true()).where(_COLUMN.id == bindparam("which"))
_data = Json()


class SqlOutbox:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen = db.said.fired

    async def pending(self, limit: int) -> Sequence[Envelope]:
        self._seen = self._db.said.fired
        return [envelope(row) for row in await self._db.rows(_PENDING, limit=limit)]

    async def published(self, ids: Sequence[str]) -> None:
        def apply(draft: Draft) -> None:
            for id in ids:
                draft.run(_PUBLISHED, (id,))

        await self._db.write(Write(apply))

    async def wait(self, at_most: timedelta) -> None:
        """What was said since `pending` last looked counts; what another process said is found when the time is up."""
        await self._db.said.wait(at_most, self._seen)


def envelope(row: Sequence[Any]) -> Envelope:
    """From a row of the outbox, published or not."""
    _, id, kind, source, key, version, data, time, correlation_id, causation_id, _ = row
    return Envelope(
        id=id,
        type=kind,
        source=source,
        key=key,
        version=version,
        data=_data.decode(data),
        time=moment(time),
        correlation_id=correlation_id,
        causation_id=causation_id,
    )
