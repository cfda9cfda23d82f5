"""The notification service: R6, R7, R11, R13. Nobody waits for it."""

from __future__ import annotations

from dependency_injector.providers import Dependency, Dict, List, Object, Singleton

from adapters.notify import InApp
from adapters.persistence import SqlNotifications
from adapters.rest import NotificationApi
from apps.service import Service
from apps.telling import in_case
from apps.workers import delivering, forgetting, reacting
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.deliver import DeliverNotifications
from myticket_core.notification.policies import WHENEVER
from myticket_core.notification.read import ReadNotifications
from myticket_core.ports import Owners
from myticket_core.reacting import Consumer, Replay


class AlarmService(Service):
    owners: Dependency[Owners | None] = Dependency()

    notifications = Singleton(SqlNotifications, Service.database)
    api = Singleton(NotificationApi, Singleton(ReadNotifications, notifications, Service.clock))

    channel = Singleton(InApp)
    compose = Singleton(
        ComposeNotifications,
        notifications,
        Service.clock,
        channels=Object((InApp.name,)),
        prefix=Service.settings.provided.notification_prefix,
        shown=Object(frozenset({InApp.name})),
        owners=owners,
    )
    consumer = Singleton(Consumer, "alarm", Object(WHENEVER), Dict({Compose: Singleton(in_case, compose)}))
    replay = Singleton(Replay, consumer, Service.parking)
    deliver = Singleton(DeliverNotifications, notifications, channel, Service.clock, Service.together)
    reader = Service.log.provided.reader.call("alarm")
    workers = List(
        Singleton(reacting, consumer, reader, Service.parking, Service.clock),
        Singleton(delivering, deliver, notifications),
        Singleton(forgetting, "alarm", Service.past, Service.clock, Service.settings.provided.retention_days),
    )
