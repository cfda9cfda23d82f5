"""What `myticket notifications` calls the states of a message: the options say them, and the lists."""

from __future__ import annotations

from typing import Final

from myticket_core.notification.model import Status

STATES: Final = {
    "waiting": Status.QUEUED,
    "sent": Status.DELIVERED,
    "given-up": Status.GIVEN_UP,
    "gathered": Status.GATHERED,
}
