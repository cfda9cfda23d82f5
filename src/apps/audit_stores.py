"""One look at everything that the services have stored, wherever that is."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from adapters.persistence.audit import parts
from adapters.providers.sandbox import charges
from apps import places
from apps.failures import CannotRun
from apps.settings import Settings
from myticket_core.invariants import ChargeRow, Snapshot

STORES: Final = ("log", "mypage", "alarm", "book", "pay", "ticket")
"""Who hears is read before who says, so that what is seen heard is also seen said."""


async def look(settings: Settings) -> Snapshot:
    """All stores, one after the other. What lies elsewhere, Kafka's log and a bank's charges, is not looked at.

    Raises CannotRun when a file is not there; StoreError, Unavailable when a store cannot be read.
    """
    found: dict[str, Any] = {"outbox": [], "moves": [], "since": [], "parked": []}
    stores = places.stores(settings)
    for service in STORES:
        if service != "log" or settings.kafka_bootstrap_servers is None:
            _add(found, await _parts(settings, stores[service], service))
    sandbox = settings.payment_provider == "sandbox"
    charged = _charged(settings, elsewhere=not places.files(stores, ["pay"])) if sandbox else None
    found["since"] = max(found["since"], default=None)
    return Snapshot(now=int(time.time() * 1000), channels=("in-app",), charges=charged, **found)


async def _parts(settings: Settings, url: str, service: str) -> Mapping[str, Any]:
    if url.startswith("mongodb"):
        from adapters.persistence.mongo import Documents, read_pages

        with closing(await Documents.open(url)) as documents:
            return await read_pages(documents)
    places.there(settings, url, service)
    return await parts(url, service, places.setting(settings, service, url))


def _charged(settings: Settings, elsewhere: bool) -> list[ChargeRow] | None:
    """`elsewhere`: who keeps pay's store on a server may keep the sandbox's file on another machine."""
    path = settings.data / "sandbox.sqlite"
    if elsewhere and not path.exists():
        return None
    places.there(settings, f"sqlite:///{path}", "sandbox")
    try:
        return [ChargeRow(key=key, amount=amount, refunded=back) for key, amount, back in charges(path)]
    except sqlite3.Error as error:
        raise CannotRun(f"{path} cannot be read: {error}") from error


def _add(found: dict[str, Any], more: Mapping[str, Sequence[Any]]) -> None:
    """Several services say something; what they say is put together."""
    for name, rows in more.items():
        found[name] = [*found[name], *rows] if name in ("outbox", "moves", "since", "parked") else rows
