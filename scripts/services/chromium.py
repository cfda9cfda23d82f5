"""Chromium without a window, spoken to over its DevTools protocol; Debian's, or any that is on PATH."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Sequence
from typing import ClassVar

from scripts.services.service import Service

ALONE = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""It asks nobody but the pages under test."""


class Chromium(Service):
    """Each test has a context of its own in it: cookies and all. It keeps nothing."""

    name = "chromium"
    programs: ClassVar[Sequence[str]] = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

    @classmethod
    def available(cls) -> str | None:
        if cls._program() is None:
            return "no chromium on PATH: install it (Debian's package is chromium)"
        return None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        where = [f"--remote-debugging-port={self.port}", f"--user-data-dir={self.data / 'profile'}"]
        return [str(self._program()), *ALONE, *where, "about:blank"]

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/json/version", timeout=2) as answer:
                return "webSocketDebuggerUrl" in json.load(answer)
        except (OSError, ValueError):
            return False

    @classmethod
    def _program(cls) -> str | None:
        return next((found for name in cls.programs if (found := shutil.which(name))), None)


class HeadlessShell(Chromium):
    """The same without all that is around a page, where there is one: a test costs it a third of the processor.

    It shows no notifications.
    """

    programs = ("chromium-headless-shell", *Chromium.programs)
