"""An operator has messages sent again: what was given up, when its reason is gone, or what somebody never got."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import frozen

from myticket_core.errors import Rejected
from myticket_core.messages import command
from myticket_core.notification.model import Notification, NotificationId, Status
from myticket_core.notification.ports import GONE, NO_CONTACT, Notifications, Sought
from myticket_core.ports import Clock, Together

BATCH: Final = 200
_NOBODY_THERE: Final = (f"{NO_CONTACT}: ", f"{GONE}: ")


@command
class Resend:
    id: NotificationId


@frozen
class ResendNotifications:
    """It is the same message as before: under the same Message-ID, to wherever its recipient is reached by now."""

    notifications: Notifications
    clock: Clock
    together: Together
    shown: frozenset[str]

    async def __call__(self, order: Resend) -> None:
        """What waits goes on waiting. Raises NotFound, Rejected: it is not sent, but shown or told in another."""
        now = self.clock.now()

        def again(it: Notification) -> Notification:
            if it.message.channel in self.shown:
                raise Rejected("not_sent", f"{it.message.channel} is read where it is stored: nothing is to be sent")
            if it.digest is not None:
                raise Rejected("not_sent", f"it is told in {it.digest}: have that one sent")
            return it.resent(now)

        await self.notifications.change(order.id, again)

    async def given_up(self, channel: str, since: datetime) -> int:
        """What was said since then and given up over the channel; how many that were.

        But for what had nobody to go to: who can be reached by now has not asked for what was before.
        """
        count = 0
        before: NotificationId | None = None
        while some := await self.notifications.sought(Sought(Status.GIVEN_UP, channel), before, BATCH):
            again = [it for it in some if it.created_at >= since and not _had_nobody(it)]
            await self.together([self(Resend(id=it.id)) for it in again])
            count, before = count + len(again), some[-1].id
        return count


def _had_nobody(it: Notification) -> bool:
    return it.reason is not None and it.reason.startswith(_NOBODY_THERE)
