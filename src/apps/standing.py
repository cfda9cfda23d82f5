"""A store that stands already, opened for a command, whether or not its service runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from adapters.persistence import Database, StoreClock
from adapters.system import RandomIds, SystemClock
from apps.places import setting, there
from apps.settings import Settings
from myticket_core.ports import Clock


@asynccontextmanager
async def opened(
    settings: Settings, stores: Mapping[str, str], service: str, *, read_only: bool = False
) -> AsyncIterator[tuple[Database, Clock]]:
    """With the clock that its service goes by. Raises CannotRun when there is no such file; StoreError, Unavailable."""
    url, clock = stores[service], StoreClock(SystemClock())
    there(settings, url, service)
    said = setting(settings, service, url)
    store = await Database.open(url, service, clock, RandomIds(), read_only=read_only, setting=said)
    try:
        await clock.look(store)
        yield store, clock
    finally:
        await store.close()
