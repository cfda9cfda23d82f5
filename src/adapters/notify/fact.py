"""What a message is known by outside: a word that is the same whenever it is sent, and in which nothing can be read."""

from __future__ import annotations

import hashlib

from myticket_core.notification.model import Message


def fact(message: Message) -> str:
    """64 hexadecimal digits, the same for one event, recipient and channel."""
    told = (message.event_id, message.customer_id, message.company_id, message.channel)
    return hashlib.sha256(repr(told).encode()).hexdigest()
