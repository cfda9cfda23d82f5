"""Whether a way to people works: a mail server that is away shows on the messages alone, which nobody reads."""

from __future__ import annotations

import structlog

from myticket_core.errors import Rejected
from myticket_core.notification.model import Notification
from myticket_core.notification.ports import Channel

log = structlog.get_logger("myticket")


class Tried:
    """A channel, and how often in a row it failed, which is said once; that it refuses somebody is no failure."""

    def __init__(self, channel: Channel) -> None:
        self._channel, self.name, self.failures = channel, channel.name, 0

    async def send(self, notification: Notification) -> None:
        try:
            await self._channel.send(notification)
        except Rejected:  # by whoever knows its recipient; or there is none, and nobody was asked
            raise
        except Exception as error:
            self._failed(f"{type(error).__name__}: {error}")
            raise
        self._works()

    def _failed(self, why: str) -> None:
        self.failures += 1
        if self.failures == 1:
            log.warning("messages not sent, will go on trying", channel=self.name, error=why)

    def _works(self) -> None:
        if self.failures:
            log.info("messages are sent again", channel=self.name, failures=self.failures)
        self.failures = 0
