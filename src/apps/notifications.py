"""`myticket notifications`: what became of messages, another try, and an address that is told nothing more; also while
alarm runs. Ids only, no persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import click

from adapters.notify import InApp
from adapters.persistence import SqlContacts, SqlNotifications
from adapters.system import concurrently
from apps import places
from apps.command_stores import opened
from apps.failures import CannotRun
from apps.message_states import STATES
from apps.printing import table, to_json, written
from apps.settings import Settings
from myticket_core.errors import NotFound, Rejected
from myticket_core.notification.model import EMAIL, Notification, NotificationId, Status
from myticket_core.notification.ports import Sought
from myticket_core.notification.resend import Resend, ResendNotifications

COLUMNS: Final = ("id", "state", "channel", "recipient", "event", "booking", "ticket", "tries", "at", "next", "reason")
LATELY: Final = timedelta(days=2)
"""What is older, nobody wants to hear of any more."""
STATE: Final = {status: state for state, status in STATES.items()}


async def list_messages(settings: Settings, sought: Sequence[Sought], limit: int, as_json: bool) -> None:
    """At most `limit`; that there are more is told beside them. Raises CannotRun, StoreError, Unavailable."""
    async with opened(settings, places.stores(settings, "alarm"), "alarm", read_only=True) as (store, _):
        notifications = SqlNotifications(store)
        found = [it for which in sought for it in await notifications.sought(which, None, limit + 1)]
    shown = sorted(found, key=lambda it: it.id, reverse=True)[:limit]
    if as_json:
        to_json([_in_json(it) for it in shown])
    elif shown:
        table(COLUMNS, [_row(it) for it in shown])
    else:
        click.echo("there are none")
    if len(found) > limit:
        click.echo(f"there are more than these {limit}: see --limit", err=True)


async def resend(settings: Settings, ids: Sequence[int], channel: str | None, since: datetime | None) -> None:
    """Those, or what was given up over the channel and was said `since` then, None: lately.

    Raises CannotRun: some were not queued, the others are.
    """
    failed = list[str]()
    async with opened(settings, places.stores(settings, "alarm"), "alarm") as (store, clock):
        again = ResendNotifications(SqlNotifications(store), clock, concurrently, frozenset({InApp.name}))
        queued = 0 if channel is None else await again.given_up(channel, since or clock.now() - LATELY)
        for id in ids:
            try:
                await again(Resend(id=NotificationId(id)))
            except NotFound:
                failed.append(f"{id}: there is none of that id; `myticket notifications list` shows them")
            except Rejected as error:
                failed.append(f"{id}: {error}")
            else:
                queued += 1
    if queued or not failed:
        click.echo(f"{queued} queued; alarm sends them as it runs")
    if failed:
        raise CannotRun("\n".join(f"not queued, {line}" for line in failed))


async def forget(settings: Settings, address: str) -> None:
    """Raises CannotRun, StoreError, Unavailable."""
    async with opened(settings, places.stores(settings, "alarm"), "alarm") as (store, _):
        count = await SqlContacts(store).forget(EMAIL, address.strip())
    click.echo(f"{count} removed: nothing is sent there any more" if count else "nobody has given this address")


def _row(it: Notification) -> tuple[object, ...]:
    said = it.message
    recipient = f"company {said.company_id}" if said.customer_id is None else f"customer {said.customer_id}"
    about = (STATE[it.status], said.channel, recipient, said.event, said.booking_id, said.ticket_id)
    why = it.reason if it.digest is None else f"told in {it.digest}"
    return (it.id, *about, it.attempts, written(it.created_at), written(_next(it)), why)


def _in_json(it: Notification) -> dict[str, Any]:
    said = it.message
    return {
        "id": it.id,
        "state": STATE[it.status],
        "channel": said.channel,
        "customer_id": said.customer_id,
        "company_id": said.company_id,
        "event": said.event,
        "booking_id": said.booking_id,
        "ticket_id": said.ticket_id,
        "correlation_id": said.correlation_id,
        "attempts": it.attempts,
        "created_at": written(it.created_at),
        "next_at": written(_next(it)),
        "delivered_at": written(it.delivered_at),
        "reason": it.reason,
        "told_in": it.digest,
    }


def _next(it: Notification) -> datetime | None:
    return it.due_at if it.status is Status.QUEUED else None
