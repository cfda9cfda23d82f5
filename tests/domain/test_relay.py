"""Outbox → log: at least once, in order, and only what is confirmed is marked."""

import pytest
from attrs import Factory, define

from myticket_core.booking.events import Booked
from myticket_core.errors import Unavailable
from myticket_core.relay import Relay
from tests.domain.examples import envelope


@define
class Said:
    rows: dict

    async def pending(self, limit):
        return list(self.rows.values())[:limit]

    async def published(self, ids):
        for id in ids:
            del self.rows[id]


@define
class Log:
    heard: list = Factory(list)
    loses: int = 0  # that many answers

    async def publish(self, envelopes):
        self.heard += [it.id for it in envelopes]
        if self.loses:
            self.loses -= 1
            raise Unavailable("no answer")


def said(count):
    return Said({f"e{id}": envelope(Booked(id=id), f"e{id}") for id in range(1, count + 1)})


async def test_everything_is_published_in_order_batch_by_batch():
    outbox, log = said(5), Log()
    relay = Relay(outbox, log, batch=2)
    assert [await relay() for _ in range(4)] == [2, 2, 1, 0]
    assert log.heard == ["e1", "e2", "e3", "e4", "e5"]


async def test_what_is_not_confirmed_is_published_again():
    outbox, log = said(2), Log(loses=1)
    relay = Relay(outbox, log)
    with pytest.raises(Unavailable):
        await relay()
    assert len(outbox.rows) == 2
    assert await relay() == 2
    assert log.heard == ["e1", "e2", "e1", "e2"]
    assert outbox.rows == {}
