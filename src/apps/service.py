"""What every service is made of, whatever its context: one store, its outbox, its place in the log."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Factory, Object, Provider, Singleton

from adapters.persistence import SqlOutbox, SqlPast
from adapters.system import RandomIds, SystemClock, concurrently
from apps.opening import Log
from apps.runtime import Worker
from apps.settings import Settings
from apps.telling import TellingPublisher
from apps.workers import forgetting, reacting, relaying
from myticket_core.ports import Clock, Parking
from myticket_core.reacting import Consumer


def rest(name: str) -> Callable[..., Any]:
    """What makes a part of REST when it is asked for: who only reads or replays (`myticket dlq`) never loads it, which
    would be half of the command's time.
    """
    return lambda *parts, **named: getattr(import_module("adapters.rest"), name)(*parts, **named)


class Service(DeclarativeContainer):
    """Given an open store and the log; everything it makes is a plain object, made once but for the outbox.

    Nothing here is asynchronous, so that no provider ever hands out a future: who embeds it opens and closes.
    """

    settings = Dependency(instance_of=Settings)
    alone = settings.provided.alone
    database: Dependency[Any] = Dependency()
    log: Dependency[Log] = Dependency()
    parking: Dependency[Parking] = Dependency()
    clock: Dependency[Clock] = Dependency(default=Singleton(SystemClock))
    ids = Singleton(RandomIds)
    together = Object(concurrently)
    outbox = Factory(SqlOutbox, database)  # each knows what its one reader has seen
    past = Singleton(SqlPast, database)
    publisher = Singleton(TellingPublisher, log.provided.publisher.call())


def relays(name: str) -> Singleton[Worker]:
    """The worker of a service that says something."""
    leader = Service.database.provided.leader
    return Singleton(relaying, name, Service.outbox, Service.publisher, leader, Service.alone)


def reacts(name: str, consumer: Provider[Consumer]) -> Singleton[Worker]:
    reader = Service.log.provided.reader.call(name)
    return Singleton(reacting, consumer, reader, Service.parking, Service.clock, Service.alone)


def forgets(name: str, past: Provider[SqlPast] = Service.past) -> Singleton[Worker]:
    return Singleton(forgetting, name, past, Service.clock, Service.settings.provided.retention_days)
