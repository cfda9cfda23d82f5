"""Any way to reach people. Subclass ChannelConformance; `new` gives a Channel that reaches its recipients."""

from __future__ import annotations

from attrs import evolve

from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.builders import NOW
from myticket_core.conformance.notification_store import message
from myticket_core.notification.model import Notification, NotificationId
from myticket_core.notification.ports import Channel, Full

__all__ = ["ChannelConformance"]


class ChannelConformance(Conformance[Channel]):
    """All that a channel guarantees."""

    async def test_it_has_a_name(self) -> None:
        name = (await self.new()).name
        self.assertTrue(0 < len(name) <= 40 and name.isprintable(), name)

    async def test_the_same_notification_may_be_sent_again(self) -> None:
        channel = await self.new()
        await channel.send(notification(channel))
        await channel.send(notification(channel))

    async def test_many_are_sent_at_once_to_buyers_and_organizers(self) -> None:
        channel = await self.new()
        one = notification(channel)
        organizers = evolve(one, message=evolve(one.message, customer_id=None, company_id=1))
        some = [evolve(it, id=NotificationId(id)) for it in (one, organizers) for id in range(1, 21)]
        sent, refused = await race(channel.send(it) for it in some)
        self.assertTrue(sent, "somebody is reached")
        self.assertEqual([], [why for why in refused if not isinstance(why, Full)], "the others find no room at most")


def notification(channel: Channel) -> Notification:
    return Notification(id=NotificationId(1), message=message(channel=channel.name), created_at=NOW, due_at=NOW)
