from __future__ import annotations

from myticket_core.notification.model import Notification


class InApp:
    """What is delivered over this channel is read in the list of one's notifications: being stored is being sent."""

    name = "in-app"

    async def send(self, notification: Notification) -> None:
        return None
