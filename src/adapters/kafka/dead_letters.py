"""A copy of everything parked, in a topic of its own, where whoever runs the cluster can see it."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Final

from adapters.kafka.records import Message, wired
from adapters.kafka.sending import Sender
from myticket_core.ports import Parked

MOST: Final = 1000
"""Copies that wait to be sent; beyond that they are only logged, as parking must not fill the memory."""

log = logging.getLogger("myticket.kafka")


class KafkaDeadLetters:
    """Best effort: the parking is what counts, these are copies."""

    def __init__(self, sender: Sender, topic: str) -> None:
        self._sender, self._topic = sender, topic

    def copy(self, parked: Parked) -> None:
        """Returns at once. What cannot be copied is logged."""
        if self._sender.waiting() >= MOST:
            log.error("dead letter %s of %s not copied: %d are waiting", parked.id, parked.consumer, MOST)
            return
        sent = self._sender.put([letter(self._topic, parked)])
        sent.add_done_callback(lambda sent: _told(sent, parked))


def letter(topic: str, parked: Parked) -> Message:
    """The record as it was, and in headers whose it is, why, and where it lay."""
    record = parked.record
    headers = {
        **record.headers,
        "dlq_id": parked.id,
        "dlq_consumer": parked.consumer,
        "dlq_reason": parked.reason,
        "dlq_at": parked.at.isoformat(),
        "dlq_topic": record.topic,
        "dlq_partition": str(record.partition),
        "dlq_offset": str(record.position),
    }
    return Message(topic, None if record.key is None else record.key.encode(), record.value, wired(headers))


def _told(sent: Future[None], parked: Parked) -> None:
    if not sent.cancelled() and (error := sent.exception()):
        log.error("dead letter %s of %s not copied: %s", parked.id, parked.consumer, error)
