"""Pages as they change, over real sockets: whose, from where on, and how a stream ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from adapters.rest import TrustedMesh, streams
from adapters.rest import stream as one
from adapters.rest.limits import Buckets, Limits
from adapters.rest.patience import Patience
from adapters.rest.stream import Stream, Streaming
from adapters.rest.streams import Live, Streams
from myticket_core.mypage.changes import Changed, Mark, Watched
from myticket_core.mypage.model import BookingPage
from tests.services.rest_world import World
from tests.services.served import served
from tests.until import until

MINE, THEIRS = "/mypages/stream", "/guestManagementPages/stream"
SOON = 10


class Open:
    """A stream as a reader has it."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer, self.last_id = answer, ""

    async def block(self) -> dict[str, str]:
        """The fields of the next block; {} at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(SOON):
            while line := (await self.answer.content.readline()).decode():
                if not line.strip():
                    return fields
                name, _, value = line.rstrip("\n").partition(":")
                fields[name] = value.removeprefix(" ")
                self.last_id = fields.get("id", self.last_id)
        return {}

    async def event(self) -> tuple[str, Any]:
        while block := await self.block():
            if "data" in block:
                return block["event"], json.loads(block["data"])
        raise EOFError


@asynccontextmanager
async def _reading(url: str, world: World, who: str, path: str, **headers: str) -> AsyncIterator[Open]:
    async with aiohttp.ClientSession() as session:
        told = {**world.token(who), "Accept": "text/event-stream", **headers}
        async with session.get(url + path, headers=told) as answer:
            yield Open(answer)


@asynccontextmanager
async def _world(**options: Any) -> AsyncIterator[tuple[World, str]]:
    world = World(streaming=True, **options)
    await world.ticket(name="Concert", capacity=10)
    async with served(world.app) as url:
        yield world, url


async def _book(world: World, who: str = "customer 1") -> None:
    assert (await world.ask(who, "POST", "/books", {"ticketId": 1})).status_code == 201
    await world.settle()


async def test_a_buyer_sees_their_own_bookings_change_and_nobody_elses() -> None:
    async with _world() as (world, url), _reading(url, world, "customer 1", MINE) as mine:
        assert (mine.answer.status, mine.answer.headers["Content-Type"]) == (200, "text/event-stream")
        assert (await mine.block())["retry"] == "2000"
        await _book(world, "customer 2")
        await _book(world)
        name, page = await mine.event()
        assert (name, page["bookId"]) == ("booking", 2)
        assert page == (await world.ask("customer 1", "GET", "/mypages/2")).json()
        await world.ask("customer 1", "DELETE", "/books/2")
        await world.settle()
        while page["paymentStatus"] != "CANCELED":
            name, page = await mine.event()
        assert (page["bookId"], page["status"]) == (2, "CANCELED")


async def test_an_organizer_sees_their_tickets_change_with_every_booking() -> None:
    async with _world() as (world, url), _reading(url, world, "organizer 1", THEIRS) as mine:
        await mine.block()
        async with _reading(url, world, "organizer 2", THEIRS) as stranger:
            await stranger.block()
            await _book(world)
            name, page = await mine.event()
            assert (name, page["ticketId"], page["booked"], page["captured"]) == ("ticket", 1, 1, 15000)
            assert page == (await world.ask("organizer 1", "GET", "/guestManagementPages/1")).json()
            await world.ask("organizer 2", "POST", "/tickets", {"price": 1})
            await world.settle()
            assert (await stranger.event())[1]["ticketId"] == 2


async def test_who_comes_again_gets_what_changed_since() -> None:
    async with _world() as (world, url):
        async with _reading(url, world, "customer 1", MINE) as mine:
            await mine.block()
            await _book(world)
            await mine.event()
            assert mine.last_id
        await _book(world)
        async with _reading(url, world, "customer 1", MINE, **{"Last-Event-ID": mine.last_id}) as again:
            assert (await again.event())[1]["bookId"] == 2
        async with _reading(url, world, "customer 1", MINE, **{"Last-Event-ID": "99.1"}) as anew:
            assert [(await anew.event())[1]["bookId"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("wrong", ["1", "1.", "0.1", "x.1", "1.99999999999999999"])
async def test_what_was_never_the_id_of_an_event_is_refused_by_name(wrong: str) -> None:
    answer = await World().ask("customer 1", "GET", MINE, headers={"Last-Event-ID": wrong})
    assert (answer.status_code, answer.json()["member"]) == (400, "Last-Event-ID")


async def test_what_another_process_changes_is_looked_for() -> None:
    async with _world() as (world, url), _reading(url, world, "customer 1", MINE) as mine:
        await mine.block()
        world.bells.any = asyncio.Event()  # nobody waits for this one
        await _book(world)
        assert (await mine.event())[1]["bookId"] == 1


async def test_a_stream_outlasts_what_a_request_may_take_and_counts_as_one() -> None:
    limits = Limits(principals=Buckets("principal", 1), patience=Patience(0.3))
    async with _world(limits=limits) as (world, url), _reading(url, world, "customer 2", MINE) as mine:
        await mine.block()
        await asyncio.sleep(0.7)  # what is tried is that time goes by
        await _book(world, "customer 2")
        assert (await mine.event())[0] == "booking"
        assert mine.answer.headers["RateLimit"] == '"principal";r=9;t=1'


async def test_draining_ends_every_stream_and_whoever_comes_then(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _world() as (world, url), _reading(url, world, "customer 1", MINE) as mine:
        await mine.block()
        world.probes.drain()
        assert await mine.block() | await mine.block() == {"": "", "id": mine.last_id}
        async with _reading(url, world, "customer 1", MINE) as late:
            with pytest.raises(EOFError):
                await late.event()
            assert late.answer.status == 200


async def test_nobody_has_more_streams_than_they_may_and_who_leaves_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "IN_ALL", 3)
    monkeypatch.setattr(streams, "PER_PRINCIPAL", 2)
    async with _world() as (world, url):
        async with _reading(url, world, "customer 1", MINE) as one_, _reading(url, world, "customer 1", MINE) as two:
            for opened in (one_, two):
                await opened.block()
            async with _reading(url, world, "customer 1", MINE) as third:
                assert third.answer.status == 429
                assert int(third.answer.headers["Retry-After"]) > 0
            async with _reading(url, world, "customer 2", MINE) as other:
                await other.block()
                async with _reading(url, world, "customer 3", MINE) as fourth:
                    assert fourth.answer.status == 503
                    assert (await fourth.answer.json(content_type=None))["code"] == "unavailable"
        async with asyncio.timeout(SOON):
            while True:
                async with _reading(url, world, "customer 1", MINE) as again:
                    if again.answer.status == 200:
                        break
                await asyncio.sleep(0.01)


async def test_in_a_trusted_mesh_everybody_is_one_principal_and_has_streams_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "PER_PRINCIPAL", 1)
    world = World(streaming=True, tokens=TrustedMesh())
    async with served(world.app) as url, _reading(url, world, "admin", MINE) as one_:
        await one_.block()
        async with _reading(url, world, "admin", MINE) as two:
            assert two.answer.status == 200


async def test_how_many_are_open_is_a_figure() -> None:
    async with _world() as (world, url), _reading(url, world, "organizer 1", THEIRS) as theirs:
        await theirs.block()
        async with _reading(url, world, "customer 1", MINE) as one_, _reading(url, world, "customer 2", MINE) as two:
            for opened in (one_, two):
                await opened.block()
            assert _shown(world) == (2, 1)
        await until(lambda: _shown(world) == (0, 1), SOON)


def _shown(world: World) -> tuple[float | None, ...]:
    value = world.probes.metrics.registry.get_sample_value
    return tuple(value("myticket_streams", {"whose": whose}) for whose in ("customer", "company"))


async def test_silence_is_broken_by_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one, "HEARTBEAT", 0.05)
    async with _world() as (world, url), _reading(url, world, "customer 1", MINE) as mine:
        first = await mine.block()
        assert await mine.block() == {"": "", "id": first["id"]}


async def test_a_stream_ends_after_a_while_so_that_its_reader_is_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one, "HEARTBEAT", 0.05)
    monkeypatch.setattr(one, "LONGEST", 0.2)
    async with _world() as (world, url), _reading(url, world, "customer 1", MINE) as stream:
        with pytest.raises(EOFError):
            async with asyncio.timeout(SOON):
                await stream.event()
        assert stream.last_id


async def test_head_is_a_head_without_a_stream() -> None:
    answer = await World(streaming=True).ask("customer 1", "HEAD", MINE)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "text/event-stream", b"")


def test_a_reader_that_lets_too_much_come_together_is_cut_off() -> None:
    stream = Stream(Mark(1, 1))
    for id in range(one.MOST):
        stream.put(("booking", id), b"x")
        stream.put(("booking", id), b"y")
    assert not stream.over
    stream.put(("booking", one.MOST), b"x")
    assert stream.over


async def test_a_reader_that_does_not_take_what_is_written_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one, "UNREAD", 0.05)
    sent, left = [], asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message["type"])
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    await Streaming(Stream(Mark(1, 1)), left.set)({}, receive, send)
    assert sent == ["http.response.start", "http.response.body"]
    assert left.is_set()


class Overlapping:
    """Looks back behind the mark, as a store does in which numbers may appear late."""

    async def latest(self) -> Mark:
        return Mark(1, 5000)

    async def since(self, mark: Mark, watched: Any, limit: int) -> Changed:
        return Changed(Mark(1, 5000), [BookingPage(booking_id=id, customer_id=1) for id in range(1, limit + 1)])


async def test_a_stream_goes_on_when_all_that_was_found_was_seen_before() -> None:
    all_streams = Streams(Live(Overlapping(), asyncio.Event()), booking=lambda _: b"x", ticket=lambda _: b"y")
    stream, leave = await all_streams.open("kim", ("customer", 1), Mark(1, 4999))
    assert not stream.over
    leave()


class Behind:
    """Has more to tell of the beginning than is told at once."""

    async def latest(self) -> Mark:
        return Mark(1, 5000)

    async def since(self, mark: Mark, watched: Watched, limit: int) -> Changed:
        if mark.position == 0:
            return Changed(Mark(1, limit), [BookingPage(booking_id=id, customer_id=1) for id in range(1, limit + 1)])
        return Changed(Mark(1, 5001))


async def test_who_missed_more_than_is_told_at_once_comes_again_for_the_rest() -> None:
    all_streams = Streams(Live(Behind(), asyncio.Event()), booking=lambda _: b"x", ticket=lambda _: b"y")
    stream, leave = await all_streams.open("kim", ("customer", 1), Mark(1, 0))
    assert (stream.over, stream.mark) == (True, Mark(1, one.MOST))
    other, leave_too = await all_streams.open("lee", ("customer", 2), None)
    await until(lambda: other.mark == Mark(1, 5001), SOON)
    assert stream.mark == Mark(1, one.MOST), "the rest would be missed"
    leave()
    leave_too()


class Slow:
    """Changes of a store that answers a look when it may, with what there was when it was asked."""

    def __init__(self) -> None:
        self.changed: list[BookingPage] = []
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def latest(self) -> Mark:
        return Mark(1, len(self.changed))

    async def since(self, mark: Mark, watched: Watched, limit: int) -> Changed:
        self.asked.set()
        await self.may_answer.wait()
        changed = self.changed[mark.position :]
        return Changed(await self.latest(), [it for it in changed if it.customer_id in watched.customers])


async def test_nothing_is_missed_by_who_comes_in_the_middle_of_a_look() -> None:
    store, told = Slow(), asyncio.Event()

    def event(page: BookingPage) -> bytes:
        told.set()
        return b"x"

    all_streams = Streams(Live(store, asyncio.Event()), booking=event, ticket=lambda _: b"y")
    _, first = await all_streams.open("kim", ("customer", 1), None)
    await store.asked.wait()
    asyncio.get_running_loop().call_later(0.05, store.may_answer.set)
    _, second = await all_streams.open("lee", ("customer", 2), None)
    store.changed.append(BookingPage(booking_id=1, customer_id=2))
    async with asyncio.timeout(SOON):
        await told.wait()
    first()
    second()


async def test_what_comes_together_is_told_once_in_the_order_of_its_last_change() -> None:
    stream = Stream(Mark(1, 3))
    for page, event in ((5, b"a\n"), (6, b"b\n"), (5, b"c\n")):
        stream.put(("booking", page), event)
    stream.fill(("booking", 6), b"older\n")
    assert stream.take() == b"b\n\nc\nid: 1.3\n\n"
    assert stream.take() == b": \nid: 1.3\n\n"
