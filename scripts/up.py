"""`make up`: PostgreSQL, documents, Kafka and the five services on this machine, until Ctrl-C or `make down`.

No container engine. What is in the folder is kept from one time to the next.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from apps.failures import CannotRun
from apps.locking import InUse, locked
from apps.places import make
from scripts.installation import Installation
from scripts.processes import Ended, Process, processes, watch
from scripts.services import Documents, Kafka, Postgres, Service, StartFailed, Unavailable
from scripts.services.ports import free_port, listens

ORDER = ("pay", "ticket", "mypage", "book", "alarm")
"""By port, as the originals had them: 8081 and what follows."""
SERVERS: Sequence[type[Service]] = (Postgres, Documents, Kafka)
DOWN_WITHIN = 90.0


class Trouble(Exception):
    """It cannot be done as things stand; the message says why, and what to do."""


def main(words: Sequence[str] | None = None) -> int:
    """0 when it was ended; 1 and the reason if something cannot start, or ends by itself; 2: these are no words."""
    parser = argparse.ArgumentParser(prog="python -m scripts.up", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["up", "down"], default="up")
    parser.add_argument("--data", type=Path, default=Path(".myticket"), help="their folder (default: %(default)s)")
    parser.add_argument("--port", type=_first, default=8081, help="of pay; the others follow (default: %(default)s)")
    given = parser.parse_args(words)
    folder: Path = given.data.resolve()
    try:
        down(folder) if given.command == "down" else up(folder, given.port)
    except (Trouble, Unavailable, StartFailed, Ended, CannotRun) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _first(text: str) -> int:
    """A port behind which there are as many as the others need."""
    last = 65_536 - len(ORDER)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= last):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from 1 to {last}: {len(ORDER)} ports in a row"
        )
    return int(text)


def up(folder: Path, port: int) -> None:
    """Until it is ended; nothing is left running, however it ends.

    Raises Trouble, Unavailable, StartFailed, Ended, CannotRun.
    """
    make(folder)
    ports = {name: port + number for number, name in enumerate(ORDER)}
    with _until_ended(), locked(folder, ["up"]):
        for name in ORDER:
            if listens(ports[name]):
                raise Trouble(f"{name} cannot have port {ports[name]}: end who listens there, or say --port N")
        with _servers(folder) as servers:
            installation = _installation(folder, servers)
            asyncio.run(installation.make())
            with processes(installation, ports) as running:
                _tell(installation, running)
                watch(running, servers)


def down(folder: Path) -> None:
    """End what runs in the folder, and return when it has ended; nothing is made there. Raises Trouble."""
    if not (folder / "up.lock").exists():
        print(f"nothing runs in {folder}")
        return
    ends, told = time.monotonic() + DOWN_WITHIN, False
    while time.monotonic() < ends:
        try:
            with locked(folder, ["up"]):
                print("ended; the data stay" if told else "nothing runs", f"in {folder}")
                return
        except InUse:
            if not told:
                os.kill(int((folder / "up.lock").read_text()), signal.SIGTERM)
            told = True
    raise Trouble(f"it does not end: see the logs in {folder}")


@contextmanager
def _until_ended() -> Iterator[None]:
    """Left at the first SIGINT, SIGTERM or SIGHUP (a terminal that closes; under nohup it is ignored, and stays so);
    what is done on leaving is not cut short by another.
    """
    heard = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        heard.append(signal.SIGHUP)

    def ended(*_: object) -> None:
        for number in heard:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in heard:
        signal.signal(number, ended)
    try:
        yield
    except KeyboardInterrupt:
        print("\nended", flush=True)


@contextmanager
def _servers(folder: Path) -> Iterator[Sequence[Service]]:
    servers = [kind(folder / kind.name, _port(folder / f"{kind.name}.port", kind.ports)) for kind in SERVERS]
    try:
        with ThreadPoolExecutor() as side_by_side:
            list(side_by_side.map(Service.start, servers))
        yield servers
    finally:
        for server in reversed(servers):
            server.stop()


def _installation(folder: Path, servers: Sequence[Service]) -> Installation:
    postgres, documents, kafka = (server.url for server in servers)
    return Installation(data=folder, postgres=postgres, mongodb=documents, kafka=kafka)


def _port(note: Path, count: int) -> int:
    """That of the last time, if it is free."""
    port = int(note.read_text()) if note.exists() else free_port(count)
    if any(listens(port + further) for further in range(count)):
        port = free_port(count)
    note.write_text(str(port))
    return port


def _tell(installation: Installation, running: Sequence[Process]) -> None:
    """Where everything is; the file `env` is for commands that need the stores."""
    myticket = shlex.quote(str(Path(sys.executable).with_name("myticket")))
    env = installation.data / "env"
    env.touch(0o600)
    said = {**installation.shared, **installation.stores}
    env.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in said.items()))
    for process in running:
        print(f"{process.name:<7} {process.url}  log {process.run.log}")
    print(f"token   {myticket} token --data {shlex.quote(str(installation.data))} --role customer --customer-id 1")
    print(f"others  . {shlex.quote(str(env))}; {myticket} audit   (dlq, rebuild and migrate alike)")
    print("stop    Ctrl-C, or make down in another terminal", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
