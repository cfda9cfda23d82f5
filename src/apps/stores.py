"""`myticket migrate`, `rebuild` and `rehear`: long work, with its progress on stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import attrs
import click
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from adapters import persistence
from adapters.persistence import Leader
from apps import places
from apps.composing import composed
from apps.failures import CannotRun
from apps.locking import locked
from apps.printing import to_json
from apps.settings import Settings
from myticket_core.errors import Rejected
from myticket_core.mypage.rebuild import RebuildPages, Rebuilt
from myticket_core.ports import History, Record
from myticket_core.rehearing import Rehear


def migrate(settings: Settings, services: Sequence[str]) -> None:
    """Raises StoreError, Unavailable; stores done by then stay done."""
    stores = places.stores(settings, services[0] if len(services) == 1 else None)
    if places.files(stores, services):
        places.make(settings.data)
    with progress() as bar:
        for name in bar.track(services, description="migrate"):
            _migrate(stores[name], name, bar.console.print, places.setting(settings, name, stores[name]))
    click.echo(f"{', '.join(services)}: at this version's schema")


def _migrate(url: str, service: str, tell: Callable[[str], None], setting: str) -> None:
    if not url.startswith("mongodb"):
        return persistence.migrate(url, service, tell, setting)
    from adapters.persistence.mongo import migrate_documents

    migrate_documents(url, tell)


async def rebuild(settings: Settings, as_json: bool, forced: bool = False) -> None:
    """Of what differed between the old pages and the new, the first hundred are told.

    One at a time in a data folder; of those elsewhere on the same store the one that was begun last wins. Raises InUse,
    StoreError, Unavailable, CannotRun, Rejected: the pages are as they were, or those of the later one.
    """
    async with composed(settings, places.stores(settings, "mypage"), ["mypage"]) as containers:
        places.make(settings.data)
        with locked(settings.data, ["rebuild"]), progress() as bar:
            try:
                rebuilt = await _told(containers["mypage"].rebuild(), bar, forced)
            except Rejected as refused:
                raise _explained(refused, settings) from refused
    if as_json:
        to_json(attrs.asdict(rebuilt))
    else:
        click.echo(f"{rebuilt.records} records read, {rebuilt.unreadable} of them unreadable")
        click.echo(f"{len(rebuilt.differences)} pages differed" + "".join(f"\n  {one}" for one in rebuilt.differences))


async def _told(rebuild: RebuildPages, bar: Progress, forced: bool) -> Rebuilt:
    task, reasons = bar.add_task("rebuild mypage", total=None), set[str]()

    def tell(what: str, done: int) -> None:
        bar.update(task, description=f"rebuild mypage: {what}", completed=done)

    def waits(why: str) -> None:
        """Many may wait for the same."""
        if why not in reasons:
            bar.console.print(f"waits, for a minute at most: {why}", markup=False, highlight=False, soft_wrap=True)
        reasons.add(why)

    return await attrs.evolve(rebuild, waits=waits)(tell, forced=forced)


def _explained(refused: Rejected, settings: Settings) -> Exception:
    """Which log it was, and what can be done."""
    if refused.code != "not_in_the_log":
        return refused
    log, named = places.stores(settings, "mypage")["log"], "MYTICKET_DATA"
    if settings.kafka_bootstrap_servers:
        log = f"the topic {settings.kafka_topic} of {settings.kafka_bootstrap_servers}"
        named = "KAFKA_TOPIC, KAFKA_BOOTSTRAP_SERVERS"
    return CannotRun(
        f"{refused}: {log} was made anew, or it is not the one they came from ({named}). "
        "Name that one, or restore it; --force shows only what this one knows"
    )


async def rehear(settings: Settings, service: str) -> None:
    """Raises StoreError, Unavailable, Rejected; InUse, CannotRun: it runs. What was heard by then stays heard."""
    stores = places.stores(settings, service)
    async with composed(settings, stores, [service]) as containers:
        made = containers[service]
        consumers, history, apart = made.rehearing(), made.log().history, list[str]()
        if len(consumers) > 1:
            history, apart = partial(_led, history, made.database().leader, service), [service]
        parts = consumers, history, made.parking(), made.clock(), made.together()
        with locked(settings.data, places.files(stores, apart)), progress() as bar:
            task = bar.add_task(f"rehear {service}", total=None)
            heard = await Rehear(*parts)(lambda heard: bar.update(task, completed=heard))
    click.echo(f"{heard} records of the log heard again")


def _led(history: Callable[[], History], leader: Leader, service: str) -> Led:
    return Led(history(), leader, service)


@frozen
class Led:
    """The log, as long as nobody else leads the `service`. Beside a store in a file nobody does: that has a lock."""

    history: History
    leader: Leader
    service: str

    async def read(self, limit: int) -> Sequence[Record]:
        """Raises CannotRun: it runs. The lead is kept by being asked for, as each batch does."""
        if not await self.leader.leads():
            raise CannotRun(f"{self.service} is running: end all of it first, as it would go on from what is long past")
        return await self.history.read(limit)


def progress() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn()
    return Progress(*columns, console=Console(stderr=True))
