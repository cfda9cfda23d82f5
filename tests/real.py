"""The real services of a test run: a given URL first, else one that is started at the first use, else none."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest
from attrs import define, field

from scripts.services import (
    Chromium,
    Documents,
    FleetingPostgres,
    HeadlessShell,
    Kafka,
    Postgres,
    Service,
    StripeMock,
    Unavailable,
)

Found = TypeVar("Found")

KINDS: dict[str, type[Service]] = {
    "MYTICKET_TEST_POSTGRES_URL": Postgres,
    "MYTICKET_TEST_MONGODB_URL": Documents,
    "MYTICKET_TEST_KAFKA": Kafka,
    "MYTICKET_TEST_STRIPE_URL": StripeMock,
    "MYTICKET_TEST_CHROMIUM": Chromium,
}
KEEPING = tuple(KINDS)[:3]
"""Those a system runs on, which keep what they acknowledge."""


SHARED = KINDS | {"MYTICKET_TEST_POSTGRES_URL": FleetingPostgres, "MYTICKET_TEST_CHROMIUM": HeadlessShell}
"""Those that tests share and do not kill."""


@define
class Started:
    """Each is started once at most."""

    speaking: Callable[[], AbstractContextManager[None]]
    """Where what a starter says reaches the person who runs the tests."""
    services: dict[str, Service] = field(factory=dict)

    def url(self, setting: str) -> str:
        """Raises Unavailable."""
        if setting not in self.services:
            self.services[setting] = self._started(SHARED[setting], None)
        return self.services[setting].url

    def another(self, setting: str, data: Path | None = None) -> Service:
        """Raises Unavailable."""
        return self._started(KINDS[setting], data)

    def _started(self, kind: type[Service], data: Path | None) -> Service:
        with self.speaking():
            return kind(data).start()

    def stop(self) -> None:
        while self.services:
            _, service = self.services.popitem()
            service.stop()


@define
class RealServices:
    """A refusal is kept: it is told at the end of the run."""

    started: Started
    shared: Callable[[str], str]
    """setting → the URL of the one that all tests of the run share. Raises Unavailable."""
    missing: dict[str, str] = field(factory=dict)

    def url(self, setting: str) -> str:
        """Where it is; the test that asks is skipped if this machine cannot have it, and fails in CI."""
        return os.environ.get(setting) or self._tried(setting, lambda: self.shared(setting))

    def own(self, setting: str, data: Path | None = None) -> Service:
        """Another one, for a test that kills it: to be stopped by that test. CI may do without where a URL is given."""
        return self._tried(setting, lambda: self.started.another(setting, data))

    def told(self) -> list[str]:
        """A line for each service that was asked for in vain."""
        return [f"{KINDS[setting].name} was not tried: {self._why(setting)}" for setting in sorted(self.missing)]

    def _tried(self, setting: str, find: Callable[[], Found]) -> Found:
        if setting not in self.missing:
            try:
                return find()
            except Unavailable as refusal:
                self.missing[setting] = str(refusal)
        return self._do_without(setting)

    def _do_without(self, setting: str) -> NoReturn:
        said = f"{KINDS[setting].name}: {self._why(setting)}"
        if os.environ.get("CI") == "true" and setting not in os.environ:
            pytest.fail(f"in CI every service has to be there. {said}", pytrace=False)
        pytest.skip(said)

    def _why(self, setting: str) -> str:
        return f"{self.missing[setting]}, or give the URL of one in {setting}"
