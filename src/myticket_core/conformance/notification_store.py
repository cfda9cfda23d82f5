"""What the suites of notifications are made of."""

from __future__ import annotations

from datetime import timedelta

from myticket_core.conformance.builders import NOW, cause
from myticket_core.notification.model import Message, Notification
from myticket_core.notification.ports import Notifications

SECOND = timedelta(seconds=1)


def message(event_id: str = "e1", customer: int | None = 1, company: int | None = None, channel: str = "c") -> Message:
    return Message(
        event_id=event_id,
        event="Booked",
        channel=channel,
        text="예매 1 'ok' / \"booked\"",
        correlation_id="of-1",
        customer_id=customer,
        company_id=company,
        booking_id=5,
        ticket_id=6,
    )


async def queued(store: Notifications, *messages: Message) -> list[Notification]:
    """These, added one after the other."""
    for number, one in enumerate(messages):
        await store.add([one], NOW + number * SECOND, cause(consumer="alarm"))
    return [it for channel in {one.channel for one in messages} for it in await due(store, channel)]


async def due(store: Notifications, channel: str = "c") -> list[Notification]:
    """All that wait for being delivered over the channel."""
    return list(await store.due(NOW + timedelta(days=1), channel, 10_000))


async def delivered(store: Notifications, *messages: Message) -> list[Notification]:
    found = await queued(store, *messages)
    return [await store.change(it.id, lambda it: it.delivered(NOW)) for it in found]
