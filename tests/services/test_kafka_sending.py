"""What the log says while nothing can be sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest
from kafka.errors import KafkaTimeoutError

from adapters.kafka import sending
from adapters.kafka.clients import Cluster
from adapters.kafka.records import Message
from adapters.kafka.sending import Sender
from tests.until import until

FIRST, GONE = "Timeout waiting for future", "is there a topic here? Failed to update metadata after {} secs."


class Failing:
    """Says one after the other; None: it is sent."""

    def __init__(self, *said: str | None) -> None:
        self._said = list(said)

    def send(self, messages: Sequence[Message], until: float) -> None:
        if (said := self._said.pop(0)) is not None:
            raise KafkaTimeoutError(said)

    def give_up(self) -> None:
        pass


async def test_who_has_nothing_more_to_send_is_in_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a relay that has lost its lead while the broker was away: another one sends what it could not."""
    monkeypatch.setattr(sending, "UNUSED", 0.5)
    sender = Sender(Cluster("127.0.0.1:9", "tests"), "publisher")
    monkeypatch.setattr(sender, "_producing", Failing(FIRST))
    await asyncio.wait([asyncio.wrap_future(sender.put([]))])
    await until(lambda: sender.trouble is None, within=10)
    sender.stop()
    sender.join(5)


async def test_each_cause_is_said_once_until_it_works(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(Cluster("127.0.0.1:9", "tests"), "publisher")
    said = [FIRST, GONE.format(5.0), GONE.format(4.9), FIRST, None, FIRST]
    monkeypatch.setattr(sender, "_producing", Failing(*said))
    with caplog.at_level(logging.WARNING, "myticket.kafka"):
        for _ in said:
            await asyncio.wait([asyncio.wrap_future(sender.put([]))])
    sender.stop()
    sender.join(5)
    lines = [line.rpartition("trying: ")[2] for line in caplog.messages]
    assert [line.removeprefix("KafkaTimeoutError: ") for line in lines] == [FIRST, GONE.format(5.0), FIRST]
