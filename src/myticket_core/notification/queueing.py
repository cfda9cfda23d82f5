"""What becomes of messages when they are queued: a mailbox gets some mails at once, and then one in a while."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from myticket_core.notification.bucket import Bucket, Owed, known_as
from myticket_core.notification.model import Message, Notification, NotificationId

MAILS: Final = Bucket(20, timedelta(minutes=3))
"""Of one recipient. What comes while there is none waits for the next one, and is told in it together."""


def bucket_of(message: Message) -> str | None:
    """The name of the one it is taken from; None: it is not bounded."""
    return f"mails {known_as(message.recipient)}" if message.together else None


def queued(
    messages: Sequence[Message], ids: Sequence[NotificationId], now: datetime, shown: Collection[str], owed: Owed
) -> tuple[Sequence[Notification], Owed]:
    """The notifications of those, and when the buckets are full again from which they were taken."""
    taken, made = dict[str, datetime](), []
    for message, id in zip(messages, ids, strict=True):
        wait, name = timedelta(0), bucket_of(message)
        if name is not None:
            full_at = taken.get(name, owed.get(name))
            wait = MAILS.wait(full_at, now)
            if wait <= MAILS.each:
                taken[name] = MAILS.taken(full_at, now)
            else:
                wait -= MAILS.each  # one before it has taken the next one already
        made.append(Notification.new(id, message, now, shown, wait))
    return made, taken
