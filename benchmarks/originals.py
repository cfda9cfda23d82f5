"""The original Java services on this machine: what "so many times the original" is measured by.

    python -m benchmarks.originals FOLDER [--warm-up 120] [--seconds 20] [--rounds 2]

FOLDER is a checkout of them (thunderferret/user08-ticket on GitHub) in which `mvn package` was run in each service's
folder. As they are shipped, mypage and alarm hear nothing; with @EnableBinding(KafkaProcessor.class) on their
applications they do, which the counts at the end show. Run it right before or after `make bench-services`: what a
machine gives moves from day to day.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import STDOUT, Popen
from typing import Final, TypeAlias

import psutil
from aiohttp import ClientError, ClientSession

from adapters.kafka import create_topics
from benchmarks.http_load import books, loaded
from benchmarks.services import CONNECTIONS, say
from benchmarks.working_off import spent
from scripts.services import Kafka
from scripts.services.ports import free_port

SERVICES: Final = ("ticket", "pay", "book", "mypage", "alarm")
PAY: Final = 8080
"""Where book looks for pay, on a host of that name."""
TOPIC: Final = "myticket"
HEAP: Final = "-Xmx400m"
OPENED: Final = ("--add-opens", "java.base/java.lang=ALL-UNNAMED")
"""What they, who are of Java 8, need of a newer one."""
HEARD: Final = {"mypage": "customerManagementPages", "alarm": "notifications"}

Running: TypeAlias = Mapping[str, tuple[psutil.Process, str]]
"""Process and URL of each."""


async def main(folder: Path, warm_up: float, seconds: float, rounds: int) -> None:
    with ExitStack() as closing:
        kafka = closing.enter_context(Kafka())
        await create_topics(kafka.url, TOPIC, 1, 1)
        running = {}
        for service in SERVICES:
            began = time.monotonic()
            running[service] = closing.enter_context(_running(folder, service, kafka.url))
            await _answers(*running[service])
            say(f"{service} answers after {time.monotonic() - began:.1f} s")
        await _loads(running, warm_up, seconds, rounds)
        for service, rows in HEARD.items():
            say(f"{service} has {await _rows(running[service][1], rows)} {rows}")
        resident = {service: process.memory_info().rss // 2**20 for service, (process, _) in running.items()}
        say(f"resident MiB: {resident}")


async def _loads(running: Running, warm_up: float, seconds: float, rounds: int) -> None:
    """All loads in turn, so that what the machine code still gains is seen."""
    await _under_load(running, 64, warm_up)
    for _ in range(rounds):
        for connections in CONNECTIONS:
            await _under_load(running, connections, seconds)


async def _under_load(running: Running, connections: int, seconds: float) -> None:
    before = _spent(running)
    job = {"url": running["book"][1], "token": "none", "asks": [books(1)]}
    found = await loaded({**job, "connections": connections, "seconds": seconds})
    each = 1000 * (_spent(running) - before) / (found.per_second * seconds)
    delays = f"p50 {found.p50:.0f}, p95 {found.p95:.0f}, p99 {found.p99:.0f} ms {found.other_answers or ''}"
    say(f"{connections:3d} connections: {found.per_second:5.0f} bookings/s; {delays}; {each:.1f} ms of CPU per booking")


@contextmanager
def _running(folder: Path, service: str, kafka: str) -> Iterator[tuple[psutil.Process, str]]:
    (jar,) = (folder / service / "target").glob("*-SNAPSHOT.jar")
    port = PAY if service == "pay" else free_port()
    event_in, event_out = (f"--spring.cloud.stream.bindings.event-{way}" for way in ("in", "out"))
    told = [f"--server.port={port}", f"--spring.cloud.stream.kafka.binder.brokers={kafka}"]
    told += [f"{event_in}.destination={TOPIC}", f"{event_in}.group={service}", f"{event_out}.destination={TOPIC}"]
    told += [f"{way}.contentType=application/json" for way in (event_in, event_out)]
    with tempfile.TemporaryDirectory() as place:
        hosts, log = Path(place) / "hosts", Path(place) / "log"
        hosts.write_text("127.0.0.1 localhost pay\n")
        words = ["java", HEAP, *OPENED, f"-Djdk.net.hosts.file={hosts}", "-jar", str(jar), *told]
        with log.open("w") as out, Popen(words, stdout=out, stderr=STDOUT) as process:
            try:
                yield psutil.Process(process.pid), f"http://127.0.0.1:{port}"
            finally:
                process.kill()


async def _answers(process: psutil.Process, url: str) -> None:
    async with ClientSession() as http:
        while process.status() != psutil.STATUS_ZOMBIE:
            try:
                async with http.get(url):
                    return
            except ClientError:
                await asyncio.sleep(0.2)
    sys.exit(f"it ended: {' '.join(process.cmdline())}")


async def _rows(url: str, name: str) -> int:
    """Lists of theirs are whole, or say how many there are."""
    async with ClientSession() as http, http.get(f"{url}/{name}", headers={"Accept": "application/json"}) as answer:
        found = await answer.json(content_type=None)
    return int(found["page"]["totalElements"]) if "page" in found else len(found["_embedded"][name])


def _spent(running: Running) -> float:
    return sum(spent(process) for process, _ in running.values())


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument(
        "--warm-up", type=float, default=120.0, help="seconds by 64 connections before anything counts"
    )
    options.add_argument("--seconds", type=float, default=20.0, help="of each load (20)")
    options.add_argument("--rounds", type=int, default=2)
    given = options.parse_args()
    asyncio.run(main(given.folder, given.warm_up, given.seconds, given.rounds))
