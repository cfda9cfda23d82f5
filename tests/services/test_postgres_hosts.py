"""Real PostgreSQL servers behind one URL: whoever takes what is written is found, also after they changed roles."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from adapters.persistence import Database, StoreError, migrate, postgres
from adapters.persistence.postgres import link, reader
from adapters.persistence.postgres.address import address
from apps.setting_addresses import sql_url
from myticket_core.errors import Unavailable
from tests.real import KEEPING
from tests.services.postgres_world import administering, in_front, opened
from tests.services.replicated import listed, pair
from tests.services.stores import because

POSTGRES = KEEPING[0]


@pytest.fixture
async def two(real_services):
    """The second follows the first."""
    async with pair(lambda: real_services.own(POSTGRES)) as both:
        yield both


def of_book(url):
    return urlsplit(url)._replace(path="/book").geturl()


async def test_who_writes_is_found_wherever_it_stands_in_the_list_and_after_it_changed(two):
    await made_on(two)
    following_first = of_book(listed(two.follower.url, two.primary.url))
    await asyncio.to_thread(migrate, following_first, "book")
    with pytest.raises(Unavailable, match="only to be read"):
        await Database.open(of_book(two.follower.url), "book")
    assert [await follows(url) for url in (of_book(two.follower.url), following_first)] == [True, False]
    async with opened(of_book(two.url)) as store, opened(following_first) as other:
        for it in (store, other):
            await it.offer(None)
        held = [(await it.hold(f"k{number}")).state.id for number, it in enumerate((store, other))]
        await two.fail_over()
        held.append(await lost(store))
        assert await lost(other) == held[-1]
        assert await store.stored() == await other.stored() == dict.fromkeys(held, "PENDING")
        paid = await store.bookings.change(held[1], lambda it: it.confirmed(1), because("paid"))
        assert (await other.stored())[paid.id] == "BOOKED"


async def follows(url):
    """Whether what an audit looks at is a standby."""
    async with postgres.Postgres(url).snapshot() as fetch:
        ((found,),) = await fetch("SELECT pg_is_in_recovery()")
    return found


async def made_on(two):
    """The follower has a commit before it is acknowledged, and shows it a little later."""
    async with administering(two.primary.url) as primary, administering(two.follower.url) as follower:
        await primary.execute("CREATE DATABASE book")
        while not await follower.fetchval("SELECT true FROM pg_database WHERE datname = 'book'"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def lost(store):
    """Its connections are those of before: who writes first may be told so."""
    await asyncio.gather(store.hold("lost"), return_exceptions=True)
    return (await store.hold("lost")).state.id


@pytest.fixture
async def migrated(postgres_database):
    await asyncio.to_thread(migrate, postgres_database, "book")
    return postgres_database


async def silent(reader, writer):
    await reader.read()
    writer.close()


async def test_one_that_is_silent_is_passed_by(migrated):
    async with in_front(migrated, silent) as nobody:
        async with opened(f"{listed(nobody, migrated)}?connect_timeout=1") as store:
            await store.offer(None)
            assert (await store.hold("k")).state.status == "PENDING"
        both = f"{listed(nobody, nobody)}?connect_timeout=1"
        with pytest.raises(Unavailable, match=r"cannot be used: 127.0.0.1:\d+: .*; 127.0.0.1:\d+: "):
            await Database.open(both, "book")


@pytest.fixture
async def falling_silent(migrated):
    """A server that answers until its event is set, and then nobody, nor does it let go of anything."""
    near, tasks, quiet = urlsplit(migrated), [], asyncio.Event()

    async def copy(reader, writer):
        try:
            while not quiet.is_set() and (data := await reader.read(65536)):
                writer.write(data)
            if quiet.is_set():
                await asyncio.Event().wait()
        finally:
            writer.close()

    async def serve(reader, writer):
        tasks.append(asyncio.current_task())
        if quiet.is_set():
            return await copy(reader, writer)
        far = await asyncio.open_connection(near.hostname, near.port)
        await asyncio.gather(copy(reader, far[1]), copy(far[0], writer))

    async with in_front(migrated, serve) as url:
        yield url, quiet
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_that_falls_silent_is_given_up_by_reads_and_by_writes(migrated, falling_silent, monkeypatch):
    """Nobody is told that it is gone, and who reads gives up sooner than a connection would."""
    monkeypatch.setattr(postgres, "LONGEST", LONGEST)
    monkeypatch.setattr(reader, "PATIENCE", 0.3)
    monkeypatch.setattr(link, "TIDY", 0.1)
    monkeypatch.setattr(reader, "TIDY", 0.1)
    url, quiet = falling_silent
    async with opened(f"{listed(url, migrated)}?connect_timeout=4") as store:
        await store.offer(None)
        await store.hold("before")
        quiet.set()
        async with asyncio.timeout(1.8 * LONGEST):
            assert len(await until_served(store.stored)) == 1
        async with asyncio.timeout(1.8 * LONGEST):
            await until_served(lambda: store.hold("after"))
        assert set((await store.stored()).values()) == {"PENDING"}


LONGEST = 3.0
"""Seconds for a statement; as many again if who is silent were asked to give it up."""


async def until_served(ask):
    while True:
        try:
            return await ask()
        except Unavailable:
            continue


@pytest.mark.parametrize("attribute", ["read-write", "primary", "any"])
async def test_who_asks_for_one_that_writes_gets_it(migrated, attribute):
    async with opened(f"{migrated}?target_session_attrs={attribute}") as store:
        await store.offer(None)


@pytest.mark.parametrize("attribute", ["standby", "prefer-standby", "read-only"])
def test_who_asks_for_one_that_does_not_is_told(attribute):
    with pytest.raises(StoreError, match=f"target_session_attrs is {attribute}, where"):
        address(f"postgresql://host/book?target_session_attrs={attribute}")


@pytest.mark.parametrize(
    "hosts",
    ["one:5432,two:5433", "one,two", "[::1]:5432,[::2]", "[::1],[::2]", "one,[::1]:5432", "10.0.0.1,10.0.0.2:5433"],
)
def test_several_hosts_are_a_url(hosts):
    url = f"postgresql://user:secret@{hosts}/book"
    assert sql_url(url) == url
    assert [urlsplit(it).netloc for it in address(url).urls] == [f"user:secret@{host}" for host in hosts.split(",")]
    assert "secret" not in address(url).name


@pytest.mark.parametrize("hosts", ["one,", ",two", "one:port,two", "one:5432,two:70000"])
def test_where_one_of_them_is_none_it_is_no_url(hosts):
    with pytest.raises(ValueError, match="user:password@host"):
        sql_url(f"postgresql://user:secret@{hosts}/book")
