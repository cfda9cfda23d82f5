"""What is queued is sent by one of all who look, and by another one only when that one died."""

import asyncio
from datetime import timedelta

import pytest

from adapters.memory import MemoryDatabase, MemoryNotifications
from adapters.system import RandomIds, concurrently
from myticket_core.conformance.notification_store import message
from myticket_core.errors import Unavailable
from myticket_core.notification.deliver import IN_HAND, DeliverNotifications
from tests.domain.examples import CAUSE, NOON, Clock, Died

SECOND = timedelta(seconds=1)


class Line:
    name = "e-mail"

    def __init__(self):
        self.sent, self.dies, self.busy = [], False, None

    async def send(self, notification):
        await asyncio.sleep(0)  # others come in between
        self.sent.append(notification.id)
        if self.dies:
            raise Died
        if self.busy:
            raise Unavailable("busy", self.busy)


async def replicas(number, line, clock, queued):
    notifications = MemoryNotifications(MemoryDatabase(clock, RandomIds()))
    await notifications.add([message(f"e{id}", channel=line.name) for id in range(queued)], NOON, CAUSE)
    return [DeliverNotifications(notifications, line, clock, concurrently) for _ in range(number)]


async def round_of(deliver):
    await deliver()


async def test_replicas_that_look_at_once_send_each_once():
    line = Line()
    await concurrently([round_of(each) for each in await replicas(3, line, Clock(), queued=20)])
    assert len(line.sent) == len(set(line.sent)) == 20


async def test_what_a_dead_process_had_in_hand_is_sent_by_another_one_after_a_while():
    clock, line = Clock(), Line()
    dying, other = await replicas(2, line, clock, queued=1)
    line.dies = True
    with pytest.raises(Died):
        await dying()
    line.dies = False
    clock.time += IN_HAND - SECOND
    assert (await other(), len(line.sent)) == (0, 1)
    clock.time += SECOND
    assert (await other(), len(line.sent)) == (1, 2)
    clock.time += timedelta(days=1)
    assert await other() == 0


async def test_who_says_when_to_come_back_is_asked_then():
    clock, line = Clock(), Line()
    (deliver,) = await replicas(1, line, clock, queued=1)
    line.busy = 7 * SECOND
    assert await deliver() == 1
    clock.time += 7 * SECOND - timedelta(microseconds=1)
    assert await deliver() == 0
    clock.time += timedelta(microseconds=1)
    assert await deliver() == 1
