"""What tickets are called: learned of whatever is heard, asked by a batch of events at once."""

import asyncio
from datetime import timedelta

import pytest

from adapters.persistence import SqlNotifications, SqlTitles
from adapters.persistence.asked_together import AskedTogether
from adapters.persistence.titles import _NAMED
from adapters.system import SystemClock
from myticket_core.conformance.base import soon
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.title import Title
from myticket_core.ticket.events import TicketRegistered
from tests.services.stores import NOW, opened, put

LATER = NOW + timedelta(days=9999)


class Store:
    """Answers what it was asked when it is let."""

    def __init__(self):
        self.asked, self.free, self.names, self.down = [], asyncio.Event(), {}, False

    async def ask(self, keys):
        self.asked.append({*keys})
        await self.free.wait()
        if self.down:
            raise Unavailable("away")
        return {key: self.names.get(key, f"t{key}") for key in keys}


async def turns():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_hundred_who_ask_at_once_are_one_question(tmp_path, monkeypatch):
    put(tmp_path, "alarm")
    async with opened(tmp_path, "alarm") as db:
        titles, asked, rows = SqlTitles(db), [], db.rows
        for id in (1, 2, 3):
            await titles.learn(Title(id, f"t{id}", 1))

        async def noted(statement, **values):
            asked.append(statement)
            return await rows(statement, **values)

        monkeypatch.setattr(db, "rows", noted)
        answers = await asyncio.gather(*(titles.of([1 + number % 4]) for number in range(100)))
        assert answers == [{id: f"t{id}"} if id < 4 else {} for id in (1 + number % 4 for number in range(100))]
        assert asked == [_NAMED]


async def test_who_comes_while_others_are_answered_is_asked_for_anew():
    store = Store()
    together = AskedTogether(store.ask)
    first = [asyncio.create_task(together([key])) for key in (1, 2)]
    await turns()
    later = asyncio.create_task(together([1]))
    await turns()
    assert store.asked == [{1, 2}, {1}], "what it was when they asked"
    store.free.set()
    assert await asyncio.gather(*first, later) == [{1: "t1", 2: "t2"}] * 2 + [{1: "t1"}]
    store.names = {1: "new"}
    assert await together([1]) == {1: "new"}, "nothing is remembered"


async def test_who_goes_away_takes_the_answer_from_nobody():
    store = Store()
    together = AskedTogether(store.ask)
    gone, stays = (asyncio.create_task(together([key])) for key in (1, 2))
    await turns()
    gone.cancel()
    await turns()
    store.free.set()
    assert (await soon(stays))[2] == "t2"
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_store_that_is_away_is_so_for_those_who_ask_now():
    store = Store()
    store.free.set()
    store.down = True
    together = AskedTogether(store.ask)
    answers = await asyncio.gather(*(together([key]) for key in (1, 2)), return_exceptions=True)
    assert [type(it) for it in answers] == [Unavailable] * 2
    store.down = False
    assert await together([1]) == {1: "t1"}


async def test_what_a_program_of_before_has_heard_teaches_a_name_when_it_is_heard_again_and_tells_nobody(tmp_path):
    heard = Compose(event=TicketRegistered(id=3, version=1, name="Jazz", price=9, company_id=7))
    cause = Cause(id="e1", correlation_id="c", consumer="alarm")
    async with opened(tmp_path, "alarm") as db:
        notifications, titles = SqlNotifications(db), SqlTitles(db)
        before = ComposeNotifications(notifications, Deaf(), SystemClock(), ("in-app",))
        await before(heard, cause)
        assert await titles.of([3]) == {}
        await ComposeNotifications(notifications, titles, SystemClock(), ("in-app",))(heard, cause)
        assert await titles.of([3]) == {3: "Jazz"}
        assert [it.message.ticket_id for it in await notifications.due(LATER, "in-app", 10)] == [3]


class Deaf:
    async def learn(self, title):
        """A program of before."""

    async def of(self, tickets):
        return {}
