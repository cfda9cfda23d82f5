"""A store that stands already, opened for a command, whether or not its service runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from adapters.persistence import Database, StoreClock
from adapters.system import RandomIds, SystemClock
from apps.failures import CannotRun
from apps.places import setting
from apps.settings import Settings
from myticket_core.ports import Clock


@asynccontextmanager
async def opened(
    settings: Settings, stores: Mapping[str, str], service: str, *, read_only: bool = False
) -> AsyncIterator[tuple[Database, Clock]]:
    """With the clock that its service goes by. Raises CannotRun when there is no such file; StoreError, Unavailable."""
    url, path = stores[service], settings.data / f"{service}.sqlite"
    if url == f"sqlite:///{path}" and not path.exists():
        raise CannotRun(f"there is no {path.name} in {settings.data}: name the folder of the system's data with --data")
    said, clock = setting(settings, service, url), StoreClock(SystemClock())
    store = await Database.open(url, service, clock, RandomIds(), read_only=read_only, setting=said)
    try:
        await clock.look(store)
        yield store, clock
    finally:
        await store.close()
