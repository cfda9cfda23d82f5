"""Whether a way to people works: a mail server that is away shows on the messages alone, which nobody reads."""

from __future__ import annotations

from typing import Final

import structlog

from myticket_core.access import Scope
from myticket_core.errors import Rejected
from myticket_core.notification.model import Notification
from myticket_core.notification.ports import Channel, Full

MOST: Final = 1000

log = structlog.get_logger("myticket")


class Tried:
    """A channel, and for how many recipients in a row it failed, which is said once; that it refuses one is no failure.

    One alone may have a mailbox that is full, or a browser whose push service is broken.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel, self.name = channel, channel.name
        self._failed_for = set[Scope]()

    @property
    def failures(self) -> int:
        """As many as `MOST` and more are not told apart."""
        return len(self._failed_for)

    async def send(self, notification: Notification) -> None:
        try:
            await self._channel.send(notification)
        except (Rejected, Full):  # by whoever knows its recipient; or nobody was asked
            raise
        except Exception as error:
            self._failed(notification.message.recipient, f"{type(error).__name__}: {error}")
            raise
        self._works()

    def _failed(self, recipient: Scope, why: str) -> None:
        if not self._failed_for:
            log.warning("messages not sent, will go on trying", channel=self.name, error=why)
        if len(self._failed_for) < MOST:
            self._failed_for.add(recipient)

    def _works(self) -> None:
        if self._failed_for:
            log.info("messages are sent again", channel=self.name, recipients=self.failures)
        self._failed_for.clear()
