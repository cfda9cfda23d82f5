"""`python -m scripts.services up [--data DIR]`: all three, until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.services import Documents, Kafka, Postgres, Service, StartFailed, Unavailable
from scripts.services.ports import preferred

PORTS: dict[type[Service], int] = {Postgres: 15432, Documents: 15017, Kafka: 15092}
"""The same each time where they are free, and not those of servers that are installed here."""


def main(words: Sequence[str] | None = None) -> int:
    """0 after SIGINT or SIGTERM; 1 and the reason if one cannot start, or ends by itself."""
    parser = argparse.ArgumentParser(prog="python -m scripts.services", description=__doc__)
    parser.add_argument("command", choices=["up"])
    parser.add_argument("--data", type=Path, help="folder to keep their data in (default: a temporary one)")
    return up(parser.parse_args(words).data)


def up(data: Path | None) -> int:
    interrupted = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.set())
    services = [kind(data and data / kind.name, preferred(port, kind.ports)) for kind, port in PORTS.items()]
    try:
        _start(services)
        return _until(interrupted, services)
    except (Unavailable, StartFailed) as error:
        return _told(str(error))
    finally:
        for service in services:
            service.stop()


def _start(services: Sequence[Service]) -> None:
    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(Service.start, services))
    for service in services:
        print(f"{service.name:<10} {service.url}  log {service.log}")
    print("ready; end with Ctrl-C", flush=True)


def _until(interrupted: threading.Event, services: Sequence[Service]) -> int:
    while not interrupted.wait(0.5):
        for service in services:
            if not service.running:
                return _told(f"{service.name} has ended; its log is {service.log}:\n{service.said(15)}")
    return 0


def _told(trouble: str) -> int:
    print(trouble, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
