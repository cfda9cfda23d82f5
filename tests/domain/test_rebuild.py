"""A rebuild waits for a store that is away for a moment, whatever it was just asking of it; and shows nothing in which
pages are missing because the log has lost what they came from.
"""

from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve

from adapters.memory import MemoryDatabase, MemoryLog, MemoryPages, MemoryProjection, MemoryViews
from adapters.system import RandomIds, concurrently
from myticket_core.booking.events import Booked
from myticket_core.conformance.builders import NOW
from myticket_core.conformance.page_store import booked, project, registered
from myticket_core.errors import InDoubt, Rejected, Unavailable
from myticket_core.messages import Cause, Envelope
from myticket_core.mypage import remembering
from myticket_core.mypage.rebuild import PATIENCE, RebuildPages
from tests.domain.examples import NOON, Clock

STEPS = ("blank", "clear", "change_booking", "differences", "join", "swap")


class Sleeping(Clock):
    """Time passes while somebody sleeps."""

    async def sleep(self, duration):
        self.time += duration


class Away:
    """Fails for the first time that `step` is asked of it; InDoubt: it is done all the same."""

    def __init__(self, port, step, error):
        self.port, self.step, self.left = port, step, [error]

    def __getattr__(self, name):
        async def ask(*what):
            if name == self.step and self.left:
                error = self.left.pop()
                if isinstance(error, InDoubt):
                    await getattr(self.port, name)(*what)
                raise error
            found = await getattr(self.port, name)(*what)
            return Away(found, self.step, *self.left) if name == "blank" and self.left else found

        return ask


@pytest.mark.parametrize("error", [Unavailable("away"), InDoubt("the answer is lost")], ids=["away", "in doubt"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_store_that_is_away_for_a_moment_is_waited_for(step, error):
    log, clock = await knowing(Booked(id=5, version=1, status="BOOKED")), Sleeping()
    database = MemoryDatabase(clock, RandomIds())
    views = Away(MemoryViews(database), step, error)
    rebuilt = await RebuildPages(views, log.history(), clock, concurrently)()
    assert rebuilt.differences == ["booking 5"]
    assert database.live.bookings[5].status == "BOOKED"
    assert clock.now() > NOON


class Silent:
    """A history that is away three times, or more often."""

    def __init__(self, history, times=3):
        self.history, self.left = history, times

    async def read(self, limit):
        if self.left:
            self.left -= 1
            raise Unavailable("Kafka: nobody answers")
        return await self.history.read(limit)


async def test_why_it_waits_is_said_at_once_and_once():
    log, clock, said = await knowing(Booked(id=5, version=1, status="BOOKED")), Sleeping(), []
    views = MemoryViews(MemoryDatabase(clock, RandomIds()))
    rebuild = RebuildPages(
        views, Silent(log.history()), clock, concurrently, waits=lambda why: said.append((why, clock.now()))
    )
    await rebuild()
    assert said == [("Kafka: nobody answers", NOON)]


class SlowToCompare(MemoryViews):
    """It takes some minutes, and the first time its store goes away meanwhile."""

    away = True

    async def differences(self, limit):
        await self._db.clock.sleep(5 * PATIENCE)
        if self.away:
            self.away = False
            raise Unavailable("away")
        return await super().differences(limit)


async def test_a_store_that_goes_away_when_a_step_has_taken_long_is_waited_for_as_long_as_any():
    log, clock = await knowing(Booked(id=5, version=1, status="BOOKED")), Sleeping()
    views = SlowToCompare(MemoryDatabase(clock, RandomIds()))
    rebuilt = await RebuildPages(views, log.history(), clock, concurrently)()
    assert rebuilt.differences == ["booking 5"]


async def test_one_that_stays_away_is_waited_for_a_minute():
    log, clock = await knowing(Booked(id=5, version=1, status="BOOKED")), Sleeping()
    views = MemoryViews(MemoryDatabase(clock, RandomIds()))
    silent = Silent(log.history(), times=10_000)
    with pytest.raises(Unavailable, match="nobody answers"):
        await RebuildPages(views, silent, clock, concurrently)()
    assert PATIENCE < clock.now() - NOON < 2 * PATIENCE


class SlowToClear(MemoryViews):
    """For each step, of 100 pages, it is away for a while first."""

    steps = 30
    away = False

    async def clear(self):
        self.away = not self.away
        if self.away:
            raise Unavailable("timed out", timedelta(seconds=10))
        self.steps -= 1
        return 100 if self.steps else 0


async def test_what_earlier_ones_left_is_removed_however_long_it_takes_in_all_and_that_is_said():
    log, clock, said = await knowing(Booked(id=5, version=1, status="BOOKED")), Sleeping(), []
    views = SlowToClear(MemoryDatabase(clock, RandomIds()))
    await RebuildPages(views, log.history(), clock, concurrently)(lambda *told: said.append(told))
    assert said == [
        *(("removing what earlier rebuilds left", removed) for removed in range(100, 3000, 100)),
        ("reading the log", 1),
    ]
    assert clock.now() - NOON > 4 * PATIENCE


async def test_what_the_pages_knew_is_read_behind_the_last_of_them_and_not_counted_again_and_again(monkeypatch):
    database = MemoryDatabase(Clock(), RandomIds())
    for id in range(1, 6):
        told = partial(evolve, seen=(("book", 0),), price=id)  # by an original
        await MemoryProjection(database).change_booking(id, told)
    monkeypatch.setattr(remembering, "_AT_ONCE", 2)
    monkeypatch.delattr(MemoryPages, "bookings")
    owners = remembering.RememberedOwners(None, MemoryPages(database))
    await owners.remember()
    assert [(await owners.ask("book", id))["price"] for id in range(1, 6)] == [1, 2, 3, 4, 5]


async def knowing(*events):
    log = MemoryLog()
    await log.publisher().publish([Envelope.seal(it, Cause("c", "c"), f"e{it.id}", NOW) for it in events])
    return log


@pytest.fixture
async def database():
    """With pages of a ticket and two bookings."""
    database = MemoryDatabase(Clock(), RandomIds())
    await project(MemoryProjection(database), registered(6), booked(1), booked(2))
    return database


def rebuilding(database, history):
    return RebuildPages(MemoryViews(database), history, Clock(), concurrently)


async def test_pages_that_the_log_says_nothing_of_stay_as_they_are(database):
    live, log = database.live, await knowing(booked(2), booked(3))
    with pytest.raises(Rejected, match="the log says nothing of 2 of the pages that are shown") as refused:
        await rebuilding(database, log.history())()
    assert (refused.value.code, refused.value.facts) == ("not_in_the_log", {"missing": 2})
    assert database.live is live
    assert not database.joined, "each change is written twice from here on"


async def test_they_go_when_that_is_wanted(database):
    log = await knowing(booked(2), booked(3))
    rebuilt = await rebuilding(database, log.history())(forced=True)
    assert rebuilt.differences == ["booking 1", "booking 3", "ticket 6"]
    assert (set(database.live.bookings), set(database.live.tickets)) == ({2, 3}, set())


class HeardMeanwhile:
    """At the first end of the history another booking is made, and the live consumer hears of it at once."""

    def __init__(self, log, database):
        self.log, self.history, self.database, self.left = log, log.history(), database, [booked(4)]

    async def read(self, limit):
        records = await self.history.read(limit)
        if not records and self.left:
            event = self.left.pop()
            await self.log.publisher().publish([Envelope.seal(event, Cause("c", "c"), "e4", NOW)])
            await project(MemoryProjection(self.database), event)
        return records


async def test_a_page_that_came_while_the_log_was_read_is_not_missing(database):
    log = await knowing(registered(6), booked(1), booked(2))
    rebuilt = await rebuilding(database, HeardMeanwhile(log, database))()
    assert rebuilt.differences == ["booking 4"]
    assert set(database.live.bookings) == {1, 2, 4}
