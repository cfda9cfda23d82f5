"""A connection that breaks before PostgreSQL answers: of a COMMIT nobody is told that nothing is stored."""

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from attrs import define

from adapters.persistence import Database, migrate
from adapters.system import RandomIds
from myticket_core.errors import InDoubt, Unavailable
from tests.services.postgres_world import in_front
from tests.services.stores import Bookings, Ticking


@define(eq=False)
class Cutting:
    """Passes everything on; where `word` is asked it ends the connection instead of answering, once."""

    url: str
    word: bytes | None = None
    asked: bool = False

    @asynccontextmanager
    async def open(self):
        async with in_front(self.url, self._pass) as url:
            yield url

    async def _pass(self, questions, back):
        far = urlsplit(self.url)
        answers, forth = await asyncio.open_connection(far.hostname, far.port)
        asking = asyncio.create_task(self._ask(questions, forth))
        await self._answer(answers, back)
        for end in (back, forth):
            end.close()
            await end.wait_closed()
        await asking

    async def _ask(self, questions, forth):
        while data := await questions.read(65536):
            self.asked = self.word is not None and (self.asked or self.word in data)
            forth.write(data)
        forth.close()

    async def _answer(self, answers, back):
        while data := await answers.read(65536):
            if self.asked:
                self.word, self.asked = None, False
                return
            back.write(data)


@asynccontextmanager
async def store_behind(relay):
    await asyncio.to_thread(migrate, relay.url, "book")
    async with relay.open() as url:
        db = await Database.open(url, "book", Ticking(), RandomIds())
        try:
            yield Bookings(db)
        finally:
            await db.close()


async def two(store):
    return await asyncio.gather(store.hold("a"), store.hold("b"), return_exceptions=True)


async def test_an_answer_to_a_commit_that_is_lost_is_doubt_and_the_same_keys_find_what_is_stored(postgres_database):
    async with store_behind(relay := Cutting(postgres_database)) as store:
        await store.offer(10)
        relay.word = b"COMMIT"
        assert [type(told) for told in await two(store)] == [InDoubt, InDoubt]
        assert store.db.unwritten, "as it stays while a commit waits for a follower that is gone"
        assert [kept.repeated for kept in await two(store)] == [True, True]
        assert not store.db.unwritten
        assert len(await store.stored()) == 2


@pytest.mark.parametrize("word", [b"BEGIN", b"INSERT"])
async def test_what_breaks_before_the_commit_is_certainly_not_stored(postgres_database, word):
    async with store_behind(relay := Cutting(postgres_database)) as store:
        await store.offer(10)
        relay.word = word
        assert [type(told) for told in await two(store)] == [Unavailable, Unavailable]
        assert await store.stored() == {}
