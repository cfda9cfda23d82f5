from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import timedelta
from typing import Final

from kafka.errors import KafkaError

from adapters.kafka.records import message
from adapters.kafka.sending import SENT, Sender
from myticket_core.errors import Unavailable
from myticket_core.messages import Envelope

RETRY: Final = timedelta(seconds=1)


class KafkaPublisher:
    def __init__(self, sender: Sender, topic: str) -> None:
        self._sender, self._topic = sender, topic

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        if envelopes:
            await confirmed(self._sender.put([message(self._topic, envelope) for envelope in envelopes]))


async def confirmed(sent: Future[None]) -> None:
    """Raises Unavailable when it failed, or when the turn did not come in twice the time that sending may take."""
    try:
        async with asyncio.timeout(2 * SENT):
            await asyncio.wrap_future(sent)
    except TimeoutError:
        raise Unavailable("Kafka does not confirm in time", RETRY) from None
    except KafkaError as error:
        raise Unavailable(f"Kafka: {error}", RETRY) from error
