from __future__ import annotations

from myticket_core.notification.model import Notification


class InApp:
    """What is delivered over this channel is read in the list of one's notifications: being stored is being sent.

    What an older version of this program has queued is delivered here.
    """

    name = "in-app"

    async def send(self, notification: Notification) -> None:
        return None
