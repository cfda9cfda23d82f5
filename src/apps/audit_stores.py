"""One look at everything that lies in a data folder."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from adapters.persistence.audit import parts
from adapters.providers.sandbox import charges
from apps.failures import CannotRun
from myticket_core.invariants import ChargeRow, Snapshot

STORES: Final = ("log", "mypage", "alarm", "book", "pay", "ticket")
"""Who hears is read before who says, so that what is seen heard is also seen said."""


async def look(data: Path) -> Snapshot:
    """All stores, one after the other. Raises CannotRun when there are none, StoreError when one cannot be read."""
    found: dict[str, Any] = {"outbox": [], "moves": [], "parked": []}
    for service in STORES:
        _add(found, await parts(f"sqlite:///{_file(data, service)}", service))
    return Snapshot(now=int(time.time() * 1000), channels=("in-app",), charges=_charged(data), **found)


def _charged(data: Path) -> list[ChargeRow]:
    path = _file(data, "sandbox")
    try:
        return [ChargeRow(key=key, amount=amount, refunded=gone) for key, amount, gone in charges(path)]
    except sqlite3.Error as error:
        raise CannotRun(f"{path} cannot be read: {error}") from error


def _file(data: Path, service: str) -> Path:
    path = data / f"{service}.sqlite"
    if not path.exists():
        raise CannotRun(f"there is no {path.name} in {data}: name the folder of the system's data with --data")
    return path


def _add(found: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Several services say something; what they say is put together."""
    for name, rows in more.items():
        found[name] = [*found[name], *rows] if name in ("outbox", "moves", "parked") else rows
