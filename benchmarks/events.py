"""`make bench-events`: the relay, two consumers and a rebuild as real processes, on PostgreSQL, documents and Kafka.

Beside each, in the same run, what these can do by themselves with the same events: a bare kafka-python loop, pgbench
with the same SQL, the bare driver of MongoDB with the same pages. Everything shares this machine; read the figures as
ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from io import StringIO
from pathlib import Path
from uuid import uuid4

import psutil

from adapters.kafka import create_topics
from benchmarks.backlog import backlog, put
from benchmarks.documents import bare_inserts, written
from benchmarks.kafka import bare_read, bare_send
from benchmarks.pgbench_events import notifying, relaying
from benchmarks.services import QUIET, say
from benchmarks.working_off import PARTITIONS, Work, consumed, rebuilt, relayed
from myticket_core.messages import Envelope
from scripts.services import Documents, Kafka, Postgres
from tests.e2e.five import Five
from tests.e2e.forking import executed

KAFKA, DRIVER = "bare kafka-python", "the bare driver"
READ, REBUILT = 200, 1000
"""Events that my page and a rebuild of it read at once; two make a page."""


async def main(events: int) -> None:
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        postgres, documents, kafka = (running.enter_context(kind()) for kind in (Postgres, Documents, Kafka))
        five = Five(Path(folder), postgres.url, documents.url, kafka.url, settings=QUIET, order=(), begin=executed)
        running.enter_context(redirect_stdout(StringIO()))  # where it shows its logs in the end
        async with five:
            await create_topics(five.kafka, five.made.name, PARTITIONS, 1)
            await _measured(five, psutil.Process(postgres.pid), psutil.Process(documents.pid), backlog(events))


async def _measured(five: Five, postgres: psutil.Process, documents: psutil.Process, sent: Sequence[Envelope]) -> None:
    """Each beside what bounds it, measured next to it. A rebuild of nothing says what a start of it takes."""
    events, nothing = len(sent), await rebuilt(five, documents)
    await _bare_kafka(five.kafka, sent)  # its machine code is made by then
    sending, reading = await _bare_kafka(five.kafka, sent)
    await put(five.made.store("book"), sent)
    work = await relayed(five, postgres, events)
    tell("relay", work, {KAFKA: sending, "pgbench": await relaying(five.postgres, sent)})
    work = await consumed(five, "alarm", postgres, events)
    grouped, singly = await notifying(five.postgres, events), await notifying(five.postgres, events, groups=[1])
    tell("alarm", work, {KAFKA: reading, "pgbench": grouped, "pgbench, one by one": singly})
    work = await consumed(five, "mypage", documents, events)
    pages = written(five.made.store("mypage"))
    tell("mypage", work, {KAFKA: reading, DRIVER: 2 * bare_inserts(five.mongodb, pages, READ // 2)})
    work = (await rebuilt(five, documents)).since(nothing)
    tell("rebuild", work, {KAFKA: reading, DRIVER: 2 * bare_inserts(five.mongodb, pages, REBUILT // 2)})


async def _bare_kafka(bootstrap: str, sent: Sequence[Envelope]) -> tuple[float, float]:
    """Events per second, sent and read."""
    topic = f"bench_{uuid4().hex}"
    await create_topics(bootstrap, topic, PARTITIONS, 1)
    return await bare_send(bootstrap, topic, sent), await bare_read(bootstrap, topic, len(sent))


def tell(what: str, work: Work, ceilings: Mapping[str, float]) -> None:
    of = ", ".join(f"{work.per_second / ceiling:.2f} of {name} ({ceiling:,.0f})" for name, ceiling in ceilings.items())
    say(f"{what}: {work.per_second:,.0f} events/s; {of}; {work.each()}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, default=20_000, help="to be worked off (20000)")
    asyncio.run(main(options.parse_args().events))
