"""What PostgreSQL itself can do with events: the statements of the relay and of alarm by pgbench, prepared.

They come in as many trips as ours; rows that ours sends one behind the other without waiting are a pipeline. One
client, since an outbox has one relay and a process one writer. Where ours gives a list, PostgreSQL makes it of two
numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.persistence.schema.alarm import ALARM
from adapters.persistence.schema.shared import SHARED
from benchmarks.backlog import BEFORE, put
from benchmarks.kafka import BATCH
from benchmarks.pgbench import database, transactions
from myticket_core.messages import Envelope

HEARD: Final = (100, 100)
"""Events of each of alarm's groups, of 200 that it reads at once: those of one booking come one after the other."""
SETTINGS: Final = ("enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off", "jit=off",
                   "plan_cache_mode=force_generic_plan")  # fmt: skip
"""What ours, who write a few rows, ask of PostgreSQL."""

_NEXT: Final = "\\set event :event + 1\n"
_TEXT: Final = "Hello 티켓 1에 새 예매 6이(가) 들어왔습니다 (₩15,000). / Ticket 1 has a new booking 6 (₩15,000)."
_MARK: Final = "UPDATE outbox SET published = true WHERE id = :event::varchar;\n"
_RELAY: Final = f"""
SELECT * FROM outbox WHERE NOT published ORDER BY seq LIMIT {BATCH};
BEGIN;
\\startpipeline
{(_NEXT + _MARK) * BATCH}
\\endpipeline
COMMIT;
"""

_PARKED: Final = "SELECT DISTINCT key FROM parking WHERE consumer = 'alarm' AND key IS NOT NULL;\n"
_IDS: Final = "ARRAY(SELECT n::text FROM generate_series(:event::bigint + 1, :event::bigint + {size}) AS n)"
_ASK: Final = f"""
SELECT ARRAY(SELECT answer FROM (SELECT consumer, event_id FROM inbox WHERE event_id = ANY ({_IDS})) AS answer),
 ARRAY(SELECT answer FROM (
 SELECT nextval(pg_get_serial_sequence('notifications', 'id')) FROM generate_series(1, {{size}})) AS answer);"""
_HEAR: Final = f"""
INSERT INTO inbox (event_id, consumer, at) SELECT * FROM unnest(
 {_IDS}, array_fill('alarm'::text, ARRAY[{{size}}]), array_fill(1::bigint, ARRAY[{{size}}]));"""
_NOTIFY: Final = f"""
INSERT INTO notifications (id, event_id, event, channel, text, correlation_id, company_id, booking_id, ticket_id,
 created_at, due_at, status, attempts, delivered_at, recipient)
 VALUES (:event, :event, 'Booked', 'in-app', '{_TEXT}', 'c', 1, :event, 1, 1, 1, 'DELIVERED', 1, 1, '/1')
 ON CONFLICT (event_id, recipient, channel) DO NOTHING;
"""


async def relaying(server: str, envelopes: Sequence[Envelope]) -> float:
    """Events per second that are found unpublished, and marked."""
    async with database(server, SHARED) as url:
        await put(url, envelopes)
        return BATCH * await _run(url, _RELAY, len(envelopes) // BATCH)


async def notifying(server: str, events: int, groups: Sequence[int] = HEARD) -> float:
    """Events per second that are heard for the first time, and told one recipient, so many at once."""
    async with database(server, SHARED, ALARM) as url:
        script = f"{_PARKED}{''.join(map(_group, groups))}{_PARKED}"
        return sum(groups) * await _run(url, script, events // sum(groups))


async def _run(url: str, script: str, times: int) -> float:
    return await transactions(url, script, "-t", str(times), "-D", f"event={BEFORE}", settings=SETTINGS)


def _group(size: int) -> str:
    read = (_ASK + _HEAR).format(size=size)
    return f"BEGIN;{read}\n\\startpipeline\n{(_NEXT + _NOTIFY) * size}\\endpipeline\nCOMMIT;\n"
