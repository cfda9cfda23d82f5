"""What is queued is sent by one of all who look, and by another one only when that one died."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from adapters.memory import MemoryDatabase, MemoryNotifications
from adapters.system import RandomIds, concurrently
from myticket_core.conformance.notification_store import message
from myticket_core.errors import InDoubt, Unavailable
from myticket_core.notification.deliver import IN_HAND, DeliverNotifications
from myticket_core.notification.model import LONGEST_WAIT, Status
from myticket_core.notification.ports import Full, Sought
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


class Answers:
    """Each time with the next one, the last one again and again."""

    name = "e-mail"

    def __init__(self, *answers):
        self.answers, self.sent = list(answers), 0

    async def send(self, notification):
        self.sent += 1
        if answer := self.answers[0] if len(self.answers) == 1 else self.answers.pop(0):
            raise answer


async def outcome(deliver):
    (found,) = await deliver.notifications.sought(Sought(), None, 1)
    return found


async def until_it_is_over(clock, deliver):
    """How long it was from each try to the next."""
    waits = []
    while await deliver():
        if (await outcome(deliver)).status is Status.QUEUED:
            waits.append((await outcome(deliver)).due_at - clock.time)
            clock.time += waits[-1]
    return waits


async def test_what_may_have_arrived_is_sent_again_seldom_and_few_times():
    clock, line = Clock(), Answers(InDoubt("no answer to a mail that was handed over"))
    (deliver,) = await replicas(1, line, clock, queued=1)
    waits = await until_it_is_over(clock, deliver)
    assert line.sent <= 4
    assert min(waits) >= LONGEST_WAIT
    assert (await outcome(deliver)).reason == "InDoubt: no answer to a mail that was handed over"


async def test_what_found_no_room_has_not_been_tried_and_is_looked_at_ever_more_seldom():
    clock, line = Clock(), Answers(*[Full("as many as may be")] * 50, None)
    (deliver,) = await replicas(1, line, clock, queued=1)
    waits = await until_it_is_over(clock, deliver)
    assert (await outcome(deliver)).status is Status.DELIVERED
    assert (await outcome(deliver)).attempts == 1
    assert (len(waits), waits[0], waits[-1]) == (50, 5 * SECOND, LONGEST_WAIT)
    assert waits == sorted(waits)


async def test_a_channel_that_may_take_long_has_what_it_has_in_hand_for_as_long():
    clock, line = Clock(), Line()
    dying, other = (evolve(it, in_hand=2 * IN_HAND) for it in await replicas(2, line, clock, queued=1))
    line.dies = True
    with pytest.raises(Died):
        await dying()
    clock.time += 2 * IN_HAND - SECOND
    assert await other() == 0
