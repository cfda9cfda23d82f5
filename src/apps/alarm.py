"""The notification service: R6, R7, R11, R13. Nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable as Opened
from collections.abc import Sequence
from typing import Final

from dependency_injector.providers import Callable, Dependency, Dict, Factory, List, Object, Singleton

from adapters.notify import InApp
from adapters.persistence import SqlContacts, SqlNotifications
from adapters.rest import NotificationApi
from apps.runtime import Worker
from apps.service import Service
from apps.telling import in_case
from apps.workers import delivering, forgetting, reacting
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.deliver import DeliverNotifications
from myticket_core.notification.policies import WHENEVER
from myticket_core.notification.ports import Channel, Notifications
from myticket_core.notification.reach import ReachPeople
from myticket_core.notification.read import ReadNotifications
from myticket_core.ports import Clock, Owners, Together
from myticket_core.reacting import Consumer, Replay

FEW: Final = 8
"""Notifications at once over a channel that may be slow: it is to beat, and to end, within a minute."""


def _over(
    channels: Sequence[Channel], opened: Opened[[], Notifications], clock: Clock, together: Together
) -> Sequence[Worker]:
    """A worker for each channel, woken for itself: a slow or dead one delays no other."""
    return [_worker(channel, opened(), clock, together) for channel in channels]


def _worker(channel: Channel, notifications: Notifications, clock: Clock, together: Together) -> Worker:
    return delivering(DeliverNotifications(notifications, channel, clock, together, FEW), notifications)


def _all(some: Sequence[Worker], more: Sequence[Worker]) -> Sequence[Worker]:
    return [*some, *more]


def _names(channels: Sequence[Channel]) -> tuple[str, ...]:
    return tuple(channel.name for channel in channels)


class AlarmService(Service):
    """`elsewhere` are the channels that reach people outside the list of their notifications."""

    owners: Dependency[Owners | None] = Dependency()
    contacts: Dependency[SqlContacts] = Dependency()
    elsewhere: Dependency[Sequence[Channel]] = Dependency()

    notifications = Singleton(SqlNotifications, Service.database)
    api = Singleton(
        NotificationApi, Singleton(ReadNotifications, notifications, Service.clock), Singleton(ReachPeople, contacts)
    )

    channel = Singleton(InApp)
    compose = Singleton(
        ComposeNotifications,
        notifications,
        Service.clock,
        channels=Object((InApp.name,)),
        prefix=Service.settings.provided.notification_prefix,
        shown=Object(frozenset({InApp.name})),
        owners=owners,
        contacts=contacts,
        elsewhere=Singleton(_names, elsewhere),
    )
    consumer = Singleton(Consumer, "alarm", Object(WHENEVER), Dict({Compose: Singleton(in_case, compose)}))
    replay = Singleton(Replay, consumer, Service.parking)
    deliver = Singleton(DeliverNotifications, notifications, channel, Service.clock, Service.together)
    reader = Service.log.provided.reader.call("alarm")
    workers = Callable(
        _all,
        List(
            Singleton(reacting, consumer, reader, Service.parking, Service.clock),
            Singleton(delivering, deliver, notifications),
            Singleton(forgetting, "alarm", Service.past, Service.clock, Service.settings.provided.retention_days),
        ),
        Singleton(
            _over, elsewhere, Factory(SqlNotifications, Service.database).provider, Service.clock, Service.together
        ),
    )
