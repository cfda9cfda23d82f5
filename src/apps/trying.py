"""Whether a way to people works: a mail server that is away shows on the messages alone, which nobody reads."""

from __future__ import annotations

from typing import Final

import structlog

from myticket_core.access import Scope
from myticket_core.errors import Rejected
from myticket_core.notification.model import Notification
from myticket_core.notification.ports import REFUSED, Channel, Full

MOST: Final = 1000
ALONE: Final = 5
"""So many recipients that are refused in a row may each be to blame; more are hardly."""

log = structlog.get_logger("myticket")


class Tried:
    """A channel, and for how many recipients in a row it failed or refused to deliver, which is said once.

    One alone may have a mailbox that is full or is no more, or a browser whose push service is broken.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel, self.name = channel, channel.name
        self._failed_for, self._told = set[Scope](), False

    @property
    def failures(self) -> int:
        """As many as `MOST` and more are not told apart."""
        return len(self._failed_for)

    async def send(self, notification: Notification) -> None:
        try:
            await self._channel.send(notification)
        except Full:  # nobody was asked
            raise
        except Rejected as error:
            if error.code == REFUSED:  # else nobody was asked, or it knows its recipient
                self._failed(notification.message.recipient)
                self._tell("messages not sent, each recipient is refused", error, beyond=ALONE)
            raise
        except Exception as error:
            self._failed(notification.message.recipient)
            self._tell("messages not sent, will go on trying", error)
            raise
        self._works()

    def _failed(self, recipient: Scope) -> None:
        if len(self._failed_for) < MOST:
            self._failed_for.add(recipient)

    def _tell(self, what: str, error: Exception, beyond: int = 0) -> None:
        if not self._told and self.failures > beyond:
            log.warning(what, channel=self.name, error=f"{type(error).__name__}: {error}")
            self._told = True

    def _works(self) -> None:
        if self._told:
            log.info("messages are sent again", channel=self.name, recipients=self.failures)
        self._failed_for.clear()
        self._told = False
