"""The real services of a test run: a given URL first, else one that is started at the first use, else none."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from attrs import define, field

from scripts.services import Documents, Kafka, Postgres, Service, Unavailable

KINDS: dict[str, type[Service]] = {
    "MYTICKET_TEST_POSTGRES_URL": Postgres,
    "MYTICKET_TEST_MONGODB_URL": Documents,
    "MYTICKET_TEST_KAFKA": Kafka,
}


@define
class RealServices:
    """Each is started once at most, and a refusal is kept: it is told at the end of the run."""

    speaking: Callable[[], AbstractContextManager[None]]
    """Where what a starter says reaches the person who runs the tests."""
    started: dict[str, Service] = field(factory=dict)
    missing: dict[str, str] = field(factory=dict)

    def url(self, setting: str) -> str:
        """Where it is; the test that asks is skipped if this machine cannot have it, and fails in CI."""
        if given := os.environ.get(setting):
            return given
        if setting not in self.started and setting not in self.missing:
            self._start(setting)
        if setting in self.missing:
            self._do_without(setting)
        return self.started[setting].url

    def stop(self) -> None:
        while self.started:
            _, service = self.started.popitem()
            service.stop()

    def told(self) -> list[str]:
        """A line for each service that was asked for in vain."""
        return [f"{KINDS[setting].name} was not tried: {self._why(setting)}" for setting in self.missing]

    def _start(self, setting: str) -> None:
        try:
            with self.speaking():
                self.started[setting] = KINDS[setting]().start()
        except Unavailable as refusal:
            self.missing[setting] = str(refusal)

    def _do_without(self, setting: str) -> None:
        said = f"{KINDS[setting].name}: {self._why(setting)}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"in CI every service has to be there. {said}", pytrace=False)
        pytest.skip(said)

    def _why(self, setting: str) -> str:
        return f"{self.missing[setting]}, or give the URL of one in {setting}"
