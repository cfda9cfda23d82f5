"""The producer of a thread that sends, for as long as it is good."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, UnknownError

from adapters.kafka.clients import Cluster
from adapters.kafka.records import Message

UNUSED: Final = 30.0
"""Seconds with nothing to send after which it is given up: kafka-python 3.0.12 asks for the leader of each partition it
ever wrote to. One that has none any more, as of a topic that was made anew with fewer, it asks for without a pause.
"""

OLD: Final = 300.0
"""Seconds after which one in use is made anew, for the same reason; that takes a tenth of a second."""

log = logging.getLogger("myticket.kafka")


class Producing:
    """Made when there is something to send; used, as everything here, by one thread."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster, self._name = cluster, name
        self._producer: KafkaProducer | None = None
        self._made = 0.0

    def send(self, messages: Sequence[Message], until: float) -> None:
        """All are durable, or it raises why the first one is not: then it has to be given up."""
        producer, failures = self._good(), list[Exception]()
        try:
            sent = [_begun(producer, message, failures) for message in messages]
            _flush(producer, until)
        finally:
            if failures:  # flush() says nothing of them; the first one is why the others failed
                raise failures[0]
        for confirmed in sent:
            confirmed.get(timeout=0)

    def give_up(self) -> None:
        """close() alone does not close it while records remain: it waits for them, raises, and leaves all running."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        producer._sender.force_close()
        producer._sender.join(2)
        try:
            producer.close(timeout=0)
        except KafkaError as error:
            log.warning("kafka %s: a producer could not be closed: %s", self._name, error)

    def _good(self) -> KafkaProducer:
        if self._producer is None:
            self._producer, self._made = self._cluster.producer(), monotonic()
        elif monotonic() > self._made + OLD:
            self._renew()
        return self._producer

    def _renew(self) -> None:
        """An old one is better than none: of the brokers that are asked first, all may be away, and others there."""
        self._made = monotonic()
        try:
            made = self._cluster.producer()
        except KafkaError as failure:
            log.warning("kafka %s: goes on with an old producer: %s", self._name, failure)
            return
        self.give_up()
        self._producer = made


def _begun(producer: KafkaProducer, message: Message, failures: list[Exception]) -> Any:
    def failed(error: Exception) -> None:
        """In the IO thread, before it sends anything more."""
        failures.append(_said(error, message))
        producer._sender.force_close()

    return _given(producer, message).add_errback(failed)


def _given(producer: KafkaProducer, message: Message) -> Any:
    try:
        return producer.send(message.topic, message.value, message.key, message.headers)
    except MessageSizeTooLargeError as error:
        raise _said(error, message) from None
    except KafkaTimeoutError as error:
        raise KafkaTimeoutError(f"is there a topic {message.topic}? {error.args[0]}") from None


def _said(error: Exception, message: Message) -> Exception:
    """Of a record that is too large, for which topic and for which limit: the broker says neither."""
    if not isinstance(error, MessageSizeTooLargeError):
        return error
    why = (error.args and error.args[0]) or "more than its max.message.bytes"
    said: Exception = MessageSizeTooLargeError(f"{len(message.value)} bytes for the topic {message.topic}: {why}")
    return said


def _flush(producer: KafkaProducer, until: float) -> None:
    """A batch that was too large for the broker is sent in halves; flush() takes that for a failure."""
    while True:
        try:
            producer.flush(timeout=max(0.1, until - monotonic()))
            return
        except UnknownError:
            if monotonic() > until:
                raise
