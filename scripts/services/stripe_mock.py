"""stripe-mock, Stripe's own: it checks every call against Stripe's interface, and answers with examples."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from scripts.services.service import Service, Unavailable

MODULE = "github.com/stripe/stripe-mock"
VERSION = "v0.203.0"
ANSWERED = 500
"""It answers what it does not know, or is not told a key for, with less than this."""


class StripeMock(Service):
    """Built once by Go from its module proxy, which checks what it gets by its hash. It keeps nothing."""

    name = "stripe-mock"

    @classmethod
    def available(cls) -> str | None:
        if not _program().is_file() and shutil.which("go") is None:
            return "no go on PATH: install Go 1.22 or newer"
        return None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Of several who want it at the same time one builds it."""
        program = _program()
        program.parent.mkdir(parents=True, exist_ok=True)
        with program.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not program.is_file():
                _build(program)

    def command(self) -> list[str]:
        return [str(_program()), "-http-addr", f"127.0.0.1:{self.port}"]

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/v1/charges", timeout=2):
                return True
        except urllib.error.HTTPError as answer:
            return answer.code < ANSWERED
        except OSError:
            return False


def _program() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "myticket" / f"stripe-mock-{VERSION}" / "stripe-mock"


def _build(program: Path) -> None:
    print(f"stripe-mock: building {MODULE} {VERSION}, once", file=sys.stderr, flush=True)
    places = {"GOBIN": str(program.parent), "GOFLAGS": "-buildvcs=false"}
    words = [shutil.which("go") or "go", "install", f"{MODULE}@{VERSION}"]
    built = subprocess.run(words, env={**os.environ, **places}, capture_output=True, text=True)
    if built.returncode or not program.is_file():
        said = "\n".join(built.stderr.splitlines()[-5:])
        raise Unavailable(f"Go did not build {MODULE} {VERSION}: see to it that it reaches its module proxy:\n{said}")
