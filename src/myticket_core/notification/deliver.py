"""Handing queued notifications to their channels; a slow or dead channel delays no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from myticket_core.errors import InDoubt, Rejected, Unavailable
from myticket_core.notification.digest import GatherDigests
from myticket_core.notification.model import Notification
from myticket_core.notification.ports import Channel, Full, Notifications, Sending
from myticket_core.ports import Clock

IN_HAND: Final = timedelta(seconds=60)
"""How long nobody else tries what one has in hand: longer than a batch of a slow channel takes. After that it may be
that its process died.
"""


@frozen
class DeliverNotifications:
    """Delivers what is due on one channel; what fails is tried again later and given up in the end, with why.

    Safe to run on every replica: each notification is in the hands of one, for `in_hand` at most.
    """

    notifications: Notifications
    channel: Channel
    clock: Clock
    together: Sending
    batch: int = 200
    digests: GatherDigests | None = None
    in_hand: timedelta = IN_HAND

    async def __call__(self) -> int:
        """Try one batch; how many that were."""
        now = self.clock.now()
        due = await self.notifications.due(now, self.channel.name, self.batch)
        gathered = await self.digests(due, now) if self.digests else ()
        await self.together([self._deliver(notification) for notification in due if notification.id not in gathered])
        return len(due)

    async def _deliver(self, notification: Notification) -> None:
        if not await self._taken(notification):
            return
        try:
            await self.channel.send(notification)
        except Exception as error:  # recorded on the notification, with its reason
            await self.notifications.change(notification.id, _after(error, self.clock.now()))
        else:
            await self.notifications.change(notification.id, lambda it: it.delivered(self.clock.now()))

    async def _taken(self, seen: Notification) -> bool:
        """Whether it is in our hands now."""
        until, ours = self.clock.now() + self.in_hand, False

        def take(current: Notification) -> Notification:
            nonlocal ours
            after = current.taken(seen, until)
            ours = after is not current
            return after

        await self.notifications.change(seen.id, take)
        return ours


def _after(error: Exception, now: datetime) -> Callable[[Notification], Notification]:
    """What becomes of a notification that was not handed over."""
    reason = f"{type(error).__name__}: {error}"
    match error:
        case Rejected(code=code):
            return lambda it: it.refused(f"{code}: {error}")
        case Full(retry_after=least):
            return lambda it: it.put_back(now, least)
        case InDoubt():
            return lambda it: it.doubted(reason, now)
        case Unavailable(retry_after=least):
            return lambda it: it.failed(reason, now, least)
    return lambda it: it.failed(reason, now)
