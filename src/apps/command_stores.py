"""A store that stands already, opened for a command, whether or not its service runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing

from adapters.persistence import Database, SqlParking, StoreClock
from adapters.system import RandomIds, SystemClock
from apps import places
from apps.settings import Settings
from myticket_core.ports import Clock, Parking


@asynccontextmanager
async def opened(
    settings: Settings, stores: Mapping[str, str], service: str, *, read_only: bool = False
) -> AsyncIterator[tuple[Database, Clock]]:
    """With the clock that its service goes by. Raises CannotRun when there is no such file; StoreError, Unavailable."""
    url, clock = stores[service], StoreClock(SystemClock())
    places.there(settings, url, service)
    said = places.setting(settings, service, url)
    store = await Database.open(url, service, clock, RandomIds(), read_only=read_only, setting=said)
    try:
        await clock.look(store)
        yield store, clock
    finally:
        await store.close()


@asynccontextmanager
async def parking_of(settings: Settings, service: str, *, read_only: bool = False) -> AsyncIterator[Parking]:
    """Where nothing else of the service is known: neither the log nor who moves its money is asked for. Raises as
    `opened`.
    """
    urls = places.stores(settings, service)
    if not urls[service].startswith("mongodb"):
        async with opened(settings, urls, service, read_only=read_only) as (store, _):
            yield SqlParking(store)
        return
    from adapters.persistence.mongo import Documents, MongoParking  # motor costs more than all the rest

    with closing(await Documents.open(urls[service])) as documents:
        yield MongoParking(documents)
