"""`myticket dlq`: what services could not handle, seen, handled again, or given up; also while they run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from apps import places
from apps.command_stores import parking_of
from apps.composing import composed
from apps.escaping import escaped
from apps.failures import CannotRun
from apps.printing import table, to_json
from apps.settings import Settings
from myticket_core.errors import MyticketError, NotFound
from myticket_core.ports import Parked


async def list_parked(settings: Settings, services: Sequence[str], as_json: bool) -> None:
    """A service that has no file yet has nothing parked. Raises CannotRun: some stores could not be read; what is
    parked in the others is told all the same.
    """
    stores = places.stores(settings, services[0] if len(services) == 1 else None)
    empty = {name for name in places.files(stores, services) if not (settings.data / f"{name}.sqlite").exists()}
    kept = [name for name in services if name not in empty]
    parked, unread = list[Parked](), list[str]()
    for name in kept or services[:1]:
        try:
            parked += await _parked(settings, name)
        except (MyticketError, CannotRun) as error:
            unread.append(f"{name}: {error}" if len(kept) > 1 else str(error))
    _tell(parked, as_json, complete=not unread)
    if unread:
        raise CannotRun("\n".join(unread))


def _tell(parked: Sequence[Parked], as_json: bool, complete: bool) -> None:
    if as_json:
        to_json([_short(entry) for entry in parked])
    elif parked:
        table(("service", "id", "key", "at", "reason"), [_row(entry) for entry in parked])
    elif complete:
        click.echo("nothing is parked")


async def show(settings: Settings, service: str, id: str, as_json: bool) -> None:
    """Raises CannotRun when it is not parked."""
    entry = next((entry for entry in await _parked(settings, service) if entry.id == id), None)
    if entry is None:
        raise CannotRun(_not_parked(service, id))
    if as_json:
        to_json(_whole(entry))
    else:
        table(("", ""), [(name, value) for name, value in _flat(entry)])


async def replay(settings: Settings, service: str, ids: Sequence[str]) -> None:
    """Those, or everything; what waits behind one comes along with it. By the whole service, so with all its settings:
    an alarm without SMTP_URL sends no mails. Raises CannotRun: some failed again, or are not parked.
    """
    async with composed(settings, places.stores(settings, service), [service]) as containers:
        container = containers[service]
        parked = await container.parking().parked(service)
        there = {entry.id for entry in parked}
        handled, failed = 0, list[str]()
        for id in ids or _heads(parked):
            try:
                handled += await container.replay()(id)
            except Exception as error:  # told below; the others are tried all the same
                if not (id in there and _gone(error, id)):  # it came along with one before it
                    failed.append(_why(service, id, error))
    if handled or not failed:
        click.echo(f"{handled} handled")
    if failed:
        raise CannotRun("\n".join(failed))


def _why(service: str, id: str, error: Exception) -> str:
    if _gone(error, id):
        return _not_parked(service, id)
    return escaped(f"still parked, {id}: {type(error).__name__}: {error}")


def _gone(error: Exception, id: str) -> bool:
    return isinstance(error, NotFound) and (error.what, error.id) == ("parked event", id)


def _not_parked(service: str, id: str) -> str:
    return f"{service} has nothing parked under {escaped(id)}"


async def discard(settings: Settings, service: str, ids: Sequence[str]) -> None:
    """Raises CannotRun: some are not parked; the others are given up all the same."""
    unknown = list[str]()
    async with parking_of(settings, service) as parking:
        for id in dict.fromkeys(ids):
            try:
                await parking.release(service, id)
            except NotFound:
                unknown.append(_not_parked(service, id))
            else:
                click.echo(f"{escaped(id)} discarded")
    if unknown:
        raise CannotRun("\n".join(unknown))


async def _parked(settings: Settings, service: str) -> Sequence[Parked]:
    async with parking_of(settings, service, read_only=True) as parking:
        return await parking.parked(service)


def _heads(parked: Sequence[Parked]) -> Sequence[str]:
    """The first of each key, and every one without a key."""
    first: dict[str, str] = {}
    for entry in parked:
        first.setdefault(entry.id if entry.key is None else f"key {entry.key}", entry.id)
    return list(first.values())


def _row(entry: Parked) -> tuple[object, ...]:
    return entry.consumer, entry.id, entry.key, entry.at.isoformat(timespec="seconds"), entry.reason


def _short(entry: Parked) -> dict[str, Any]:
    return {
        "service": entry.consumer,
        "id": entry.id,
        "key": entry.key,
        "at": entry.at.isoformat(),
        "reason": entry.reason,
    }


def _whole(entry: Parked) -> dict[str, Any]:
    record = entry.record
    place = {"topic": record.topic, "partition": record.partition, "position": record.position}
    return {**_short(entry), **place, "headers": dict(record.headers), "value": _readable(record.value)}


def _flat(entry: Parked) -> Sequence[tuple[str, object]]:
    whole = _whole(entry)
    headers = [(f"header {name}", value) for name, value in whole.pop("headers").items()]
    value = whole.pop("value")
    return [
        *whole.items(),
        *headers,
        ("value", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)),
    ]


def _readable(value: bytes) -> Any:
    """The JSON it is, else its text."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value.decode(errors="backslashreplace")
