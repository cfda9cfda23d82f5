"""Events that nobody has published yet, as two benchmarks see them: ours, and the ceilings beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import asyncpg

from adapters.persistence.draft import row_of
from adapters.persistence.schema.shared import OUTBOX
from adapters.system import SystemClock
from myticket_core.messages import Envelope

BEFORE: Final = 10**18
"""The events' ids are the numbers behind this one: pgbench can count."""
_COLUMNS: Final = [column.name for column in OUTBOX.columns if column.name != "seq"]


def backlog(events: int) -> Sequence[Envelope]:
    """Half of them Booked, half PaymentApproved: what a booking says."""
    return [envelope for id in range(1, events // 2 + 1) for envelope in _of_booking(id)]


def _of_booking(id: int) -> Iterator[Envelope]:
    about = {"ticketId": 1, "price": 15000, "companyId": 1, "customerId": 1, "startDate": None, "endDate": None}
    booked = {"id": id, "status": "BOOKED", "paymentId": id, **about}
    approved = {"id": id, "bookId": id, "status": "APPROVED", **about}
    events = ("Booked", "book", booked), ("PaymentApproved", "pay", approved)
    for number, (kind, source, data) in enumerate(events, BEFORE + 2 * id - 1):
        yield Envelope(str(number), kind, source, str(id), data, SystemClock().now(), f"of-{id}", "cause", 1)


async def put(url: str, envelopes: Sequence[Envelope]) -> None:
    """Into the outbox of this database, unpublished."""
    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table("outbox", records=map(row_of, envelopes), columns=_COLUMNS)
        await connection.execute("ANALYZE outbox")
    finally:
        await connection.close()
