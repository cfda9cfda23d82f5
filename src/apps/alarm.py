"""The notification service: R6, R7, R11, R13. Nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable as Function
from collections.abc import Sequence
from datetime import timedelta

from dependency_injector.providers import Callable, Dependency, Dict, Factory, List, Object, Singleton

from adapters.notify import InApp
from adapters.persistence import FULL_BUCKETS, SqlContacts, SqlNotifications, SqlPast, SqlTitles
from apps.money import currency
from apps.reaching import Way
from apps.runtime import Worker
from apps.service import Service, forgets, reacts, rest
from apps.settings import Settings
from apps.telling import in_case
from apps.workers import listening
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.deliver import DeliverNotifications
from myticket_core.notification.digest import GatherDigests
from myticket_core.notification.policies import WHENEVER
from myticket_core.notification.ports import Notifications, Titles
from myticket_core.notification.reach import ReachPeople
from myticket_core.notification.read import ReadNotifications
from myticket_core.notification.subscribe import SubscribeBrowsers
from myticket_core.ports import Clock, Owners
from myticket_core.reacting import Consumer, Replay


def _over(
    ways: Sequence[Way], opened: Function[[], Notifications], titles: Titles, clock: Clock, prefix: str
) -> Sequence[Worker]:
    """A worker for each channel, woken for itself: a slow or dead one delays no other."""
    return [_worker(way, opened(), titles, clock, prefix) for way in ways]


def _worker(way: Way, notifications: Notifications, titles: Titles, clock: Clock, prefix: str) -> Worker:
    digests = GatherDigests(notifications, titles, prefix)
    deliver = DeliverNotifications(notifications, way.channel, clock, way.together, way.batch, digests, way.in_hand)
    return _delivering(deliver, notifications)


def _delivering(deliver: DeliverNotifications, notifications: Notifications) -> Worker:
    return listening(f"alarm delivery {deliver.channel.name}", deliver, notifications.wait)


def _all(some: Sequence[Worker], more: Sequence[Worker]) -> Sequence[Worker]:
    return [*some, *more]


def _names(ways: Sequence[Way]) -> tuple[str, ...]:
    return tuple(way.channel.name for way in ways)


def _taking_codes(settings: Settings) -> str | None:
    return f"{settings.pages_url}/contacts" if settings.pages_url else None


def _remembered(settings: Settings) -> timedelta | None:
    return timedelta(days=settings.retention_days) if settings.retention_days else None


class AlarmService(Service):
    """`elsewhere` are the ways to people outside the list of their notifications."""

    owners: Dependency[Owners | None] = Dependency()
    contacts: Dependency[SqlContacts] = Dependency()
    subscribe: Dependency[SubscribeBrowsers] = Dependency()
    elsewhere: Dependency[Sequence[Way]] = Dependency()

    notifications = Singleton(SqlNotifications, Service.database)
    titles = Singleton(SqlTitles, Service.database)
    read = Singleton(ReadNotifications, notifications, Service.clock)
    reach = Singleton(
        ReachPeople,
        contacts,
        notifications,
        Service.clock,
        Service.ids,
        sending=Singleton(_names, elsewhere),
        prefix=Service.settings.provided.notification_prefix,
        page=Singleton(_taking_codes, Service.settings),
    )
    api = Singleton(rest("NotificationApi"), read, reach, subscribe)

    channel = Singleton(InApp)
    compose = Singleton(
        ComposeNotifications,
        notifications,
        titles,
        Service.clock,
        channels=Object((InApp.name,)),
        prefix=Service.settings.provided.notification_prefix,
        shown=Object(frozenset({InApp.name})),
        owners=owners,
        contacts=contacts,
        elsewhere=Singleton(_names, elsewhere),
        currency=Singleton(currency, Service.settings),
        since=Service.settings.provided.notification_since,
        remembered=Singleton(_remembered, Service.settings),
    )
    consumer = Singleton(Consumer, "alarm", Object(WHENEVER), Dict({Compose: Singleton(in_case, compose)}))
    rehearing = List(consumer)
    replay = Singleton(Replay, consumer, Service.parking)
    deliver = Singleton(DeliverNotifications, notifications, channel, Service.clock, Service.together)
    past = Singleton(SqlPast, Service.database, FULL_BUCKETS)
    workers = Callable(
        _all,
        List(reacts("alarm", consumer), Singleton(_delivering, deliver, notifications), forgets("alarm", past)),
        Singleton(
            _over,
            elsewhere,
            Factory(SqlNotifications, Service.database).provider,
            titles,
            Service.clock,
            Service.settings.provided.notification_prefix,
        ),
    )
