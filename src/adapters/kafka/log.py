"""The log of all services as one service uses it."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

from adapters.kafka.clients import Cluster
from adapters.kafka.dead_letters import KafkaDeadLetters
from adapters.kafka.history import KafkaHistory
from adapters.kafka.publisher import KafkaPublisher
from adapters.kafka.reader import KafkaReader
from adapters.kafka.security import OPEN, Security
from adapters.kafka.sending import SENT, Sender
from adapters.kafka.topics import DEAD_LETTERS

HANGS: Final = 60.0
"""Seconds for one group of records, after which a sender hangs: everything in it has a time limit far below."""


class KafkaLog:
    """Nothing here waits for a broker: threads begin with the first use of a port and try until they reach one.

    `prefix` begins the names of its groups: all members of a group wait for each other, whatever topics they read.
    """

    def __init__(
        self, bootstrap_servers: str, topic: str, service: str, prefix: str = "", security: Security = OPEN
    ) -> None:
        self._cluster, self._topic, self._prefix = Cluster(bootstrap_servers, service, security), topic, prefix
        self._senders: list[Sender] = []
        self._readers: list[KafkaReader] = []
        self._histories: list[KafkaHistory] = []

    def publisher(self) -> KafkaPublisher:
        return KafkaPublisher(self._sender("publisher"), self._topic)

    def reader(self, group: str) -> KafkaReader:
        reader = KafkaReader(self._cluster, self._topic, self._prefix + group)
        self._readers.append(reader)
        return reader

    def history(self) -> KafkaHistory:
        history = KafkaHistory(self._cluster, self._topic)
        self._histories.append(history)
        return history

    def dead_letters(self) -> KafkaDeadLetters:
        """A thread of its own: a topic that is missing or forbidden holds up no other."""
        return KafkaDeadLetters(self._sender("dead letters"), self._topic + DEAD_LETTERS)

    def stuck(self) -> str | None:
        """What hangs and does not heal by itself, for /livez; a broker that is away is no reason."""
        late = monotonic() - HANGS
        hanging = [f"kafka {it.name} hangs" for it in self._senders if it.busy_since and it.busy_since < late]
        return next((said for said in (*hanging, *(it.stuck() for it in self._readers)) if said), None)

    def trouble(self) -> str | None:
        """Why something was not sent or read at the last try; None when all went well. For metrics: no probe asks."""
        said = [*(it.trouble for it in self._senders), *(it.trouble for it in self._readers)]
        return next(filter(None, said), None)

    async def behind(self, group: str) -> int:
        """How many records its readers here have not dealt with, of their partitions, as of some seconds ago."""
        return sum(it.behind for it in self._readers if it.group == self._prefix + group)

    async def close(self) -> None:
        """Leave the groups, so that others take over at once, and send what was given; within seconds."""
        for sender in self._senders:
            sender.stop()
        await asyncio.gather(*(reader.close() for reader in self._readers))
        await asyncio.gather(*(history.close() for history in self._histories))
        for sender in self._senders:
            await asyncio.to_thread(sender.join, SENT)

    def _sender(self, name: str) -> Sender:
        sender = Sender(self._cluster, name)
        self._senders.append(sender)
        return sender
