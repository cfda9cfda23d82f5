"""A deletion's campaign: everything gives way, or is told why not; paused, taken up again, and never in a hurry."""

from datetime import timedelta

import pytest
from attrs import evolve

from adapters.memory import MemoryBookings, MemoryDatabase, MemorySales
from adapters.system import RandomIds
from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.campaign import LONGEST, REASON, Campaign, Outcome, Part, Toll
from myticket_core.booking.close_sale import UNFORESEEN, CancelCampaign, CloseSale, SaleCloser
from myticket_core.booking.deletion import Deletion, Deletions, Stage, Steer
from myticket_core.booking.model import Status
from myticket_core.conformance.booking_store import BookingStore, booked, held, on_sale
from myticket_core.errors import Incomplete, InDoubt, MyticketError, NotFound, Rejected, Unavailable
from myticket_core.paging import Paging
from tests.domain.examples import CAUSE, NOON, Clock, booking, sale

SECOND = timedelta(seconds=1)
ORGANIZER, STRANGER = Scope(company_id=1), Scope(company_id=2)


RUNNING = Campaign(total=9, cause_id="c", correlation_id="c", failed=2)


@pytest.mark.parametrize(
    "live, campaign, stage, progress",
    [
        (9, None, Stage.PREVIEW, (0, 0, 0)),
        (6, RUNNING, Stage.RUNNING, (4, 2, 3)),
        (6, evolve(RUNNING, paused=True), Stage.PAUSED, (4, 2, 3)),
        (1, RUNNING, Stage.RUNNING, (0, 1, 8)),
        (0, evolve(RUNNING, paused=True), Stage.OVER, (0, 0, 9)),
    ],
)
def test_how_far_a_deletion_is(live, campaign, stage, progress):
    """What its buyer cancels after it has failed is done too: no round comes for it any more."""
    it = sale(None, booked=live, deleted=campaign is not None, campaign=campaign)
    assert (it.left, it.failed, it.done) == progress
    assert Deletion(it, Toll()).stage is stage


class Stubborn(MemoryBookings):
    """Some bookings do not give way, as when a row is locked; of some not even that can be remembered."""

    refusal: Exception | None = None
    stuck: frozenset[int] = frozenset()
    mute: frozenset[int] = frozenset()

    async def change(self, id, decide, cause, judge=None):
        over, _ = decide(self._existing(id))
        if id in self.stuck and not over.live:
            raise self.refusal or RuntimeError(f"row {id} is locked")
        if id in self.mute and over.failure:
            raise OSError("nor this")
        return await super().change(id, decide, cause, judge)


class World:
    def __init__(self, chunk=3):
        self.clock = Clock()
        db = MemoryDatabase(self.clock, RandomIds())
        self.bookings, self.sales = Stubborn(db), MemorySales(db)
        self.store = BookingStore(self.bookings, self.sales, None)
        self.chunks, self.logged = [], []
        self.campaign = CancelCampaign(self.bookings, self.sales, self.clock, self.together, chunk)
        self.deletions = Deletions(self.bookings, self.sales)

    async def together(self, jobs):
        self.chunks.append(len(jobs))
        failures = [error for job in jobs if (error := await self._failure(job)) is not None]
        if failures:
            raise failures[0]

    async def _failure(self, job):
        try:
            await job
        except Exception as error:
            return error

    async def deleted(self, booked_=0, held_=0):
        await on_sale(self.store)
        made = [await booked(self.store) for _ in range(booked_)] + [await held(self.store) for _ in range(held_)]
        await SaleCloser(self.sales)(CloseSale(ticket_id=1), CAUSE)
        return made

    async def run(self):
        """As the worker does, until nothing is due; how many bookings were tried."""
        total = 0
        while tried := await self.step():
            total += tried
        return total

    async def step(self):
        try:
            return await self.campaign()
        except Incomplete as some:
            self.logged.append((str(some.failure), some.done))
            return self.chunks[-1]

    async def stands(self):
        one = await self.sales.get(1)
        return one.taken, one.campaign.failed, one.left

    async def failed(self):
        page = await self.deletions.outcomes(1, Outcome.FAILED, ORGANIZER, Paging())
        return {one.id: one.failure for one in page.items}

    async def steer(self, paused):
        return await self.deletions.steer(Steer(ticket_id=1, paused=paused), ORGANIZER, CAUSE)


async def test_everything_gives_way_and_gets_everything_back():
    world = World()
    made = await world.deleted(booked_=4, held_=3)
    assert await world.run() == 7
    every = [await world.bookings.get(one.id, EVERYTHING) for one in made]
    assert {(one.status, one.reason, one.refund) for one in every} == {(Status.CANCELED, REASON, 15_000)}
    assert (await world.run(), await world.stands()) == (0, (0, 0, 0))


async def test_one_that_does_not_give_way_holds_up_no_other_and_says_why():
    world = World()
    await world.deleted(booked_=7)
    world.bookings.stuck = frozenset({2, 5})
    assert await world.run() == 7
    assert await world.stands() == (2, 2, 0)
    assert await world.failed() == {2: UNFORESEEN, 5: UNFORESEEN}
    assert world.logged == [("row 2 is locked", 2), ("row 5 is locked", 2)]
    toll = (await world.deletions.preview(1, ORGANIZER)).toll
    assert (toll.failed, toll.canceled) == (Part(2, 30_000), Part(5, 75_000))


@pytest.mark.parametrize(
    "refusal, told",
    [
        (Rejected("kept", "an auditor keeps it"), "Rejected: an auditor keeps it"),
        (NotFound("book", 1), "NotFound: no book 1"),
        (Rejected("kept", "x" * 999), f"Rejected: {'x' * 290}"),
        (MyticketError("/var/lib/book.sqlite is damaged"), UNFORESEEN),
        (OSError("UPDATE bookings SET customer_id = 7"), UNFORESEEN),
    ],
    ids=repr,
)
async def test_why_is_told_where_it_was_decided_and_else_to_the_log_alone(refusal, told):
    world = World()
    await world.deleted(booked_=1)
    world.bookings.stuck, world.bookings.refusal = frozenset({1}), refusal
    assert await world.run() == 1
    assert await world.failed() == {1: told}
    assert world.logged == ([(str(refusal), 0)] if told == UNFORESEEN else [])


async def test_a_step_is_one_chunk_so_that_its_worker_moves_however_many_there_are():
    world = World()
    await world.deleted(booked_=7)
    world.bookings.stuck = frozenset({1, 2, 3})
    assert [await world.step() for _ in range(4)] == [3, 3, 1, 0]
    assert (world.chunks, await world.stands()) == ([3, 3, 1], (3, 3, 0))


async def test_a_later_round_too_is_over_when_all_of_its_chunks_are():
    world = World()
    await world.deleted(booked_=4)
    world.bookings.stuck = frozenset({1, 2, 3, 4})
    await world.run()
    world.clock.time += SECOND
    assert [await world.step() for _ in range(3)] == [3, 1, 0]
    assert (await world.sales.get(1)).campaign.rounds == 2


async def test_what_failed_is_tried_again_after_a_while_and_then_less_and_less_often():
    world = World()
    await world.deleted(booked_=1)
    world.bookings.stuck = frozenset({1})
    waits = []
    for _ in range(9):
        await world.run()
        due = (await world.sales.get(1)).campaign.retry_at
        waits.append((due - world.clock.time) // SECOND)
        world.clock.time = due - SECOND / 1000
        tried = len(world.chunks)
        assert (await world.run(), len(world.chunks)) == (0, tried), "it is not tried before"
        world.clock.time = due
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert timedelta(minutes=1) == LONGEST
    world.bookings.stuck = frozenset()
    assert await world.run() == 1
    assert (await world.stands(), await world.failed()) == ((0, 0, 0), {})
    assert (await world.sales.get(1)).campaign.retry_at is None


async def test_what_was_not_tried_yet_waits_for_nothing():
    """As after a crash in the middle of a round, with failures of the round before."""
    world = World()
    await world.deleted(booked_=3)
    await world.sales.change(1, lambda one: one.campaigned(1, NOON), CAUSE)
    assert await world.run() == 3


async def test_the_organizer_has_what_failed_tried_again_at_once():
    world = World()
    await world.deleted(booked_=1)
    world.bookings.stuck = frozenset({1})
    await world.run()
    world.bookings.stuck = frozenset()
    assert await world.run() == 0
    await world.steer(paused=False)
    assert await world.run() == 1


async def test_a_failure_that_cannot_be_remembered_holds_up_nobody_and_is_not_swallowed():
    world = World()
    await world.deleted(booked_=7)
    world.bookings.stuck = world.bookings.mute = frozenset({1})
    with pytest.raises(OSError, match="nor this"):
        await world.run()
    assert await world.run() == 4
    assert (await world.stands(), await world.failed()) == ((1, 1, 0), {})


@pytest.mark.parametrize("away", [Unavailable("the store is down"), InDoubt("its answer is lost")], ids=repr)
async def test_a_store_that_is_away_is_waited_for_and_no_booking_is_blamed(away):
    world = World()
    await world.deleted(booked_=2)
    asked = []

    async def gone(id, decide, cause):
        asked.append(id)
        raise away

    world.bookings.change = gone
    with pytest.raises(type(away)):
        await world.run()
    assert sorted(asked) == [1, 2], "what is to be remembered of a failure is another change"
    del world.bookings.change
    assert await world.run() == 2


async def test_paused_it_stops_before_the_next_chunk_and_goes_on_where_it_stood():
    world = World(chunk=3)
    await world.deleted(booked_=8)
    together, chunks = world.together, world.chunks

    async def and_then_somebody_pauses(jobs):
        await together(jobs)
        await world.steer(paused=True)

    world.campaign = evolve(world.campaign, together=and_then_somebody_pauses)
    assert (await world.run(), chunks) == (3, [3])
    assert (await world.run(), await world.stands()) == (0, (5, 0, 5))
    world.campaign = evolve(world.campaign, together=together)
    assert (await world.steer(paused=False)).sale.campaign.paused is False
    assert (await world.run(), await world.stands()) == (5, (0, 0, 0))


async def two_deleted(world, booked_):
    for ticket in (1, 2):
        await on_sale(world.store, ticket)
        for _ in range(booked_):
            await booked(world.store, booking(ticket_id=ticket, company_id=None))
        await SaleCloser(world.sales)(CloseSale(ticket_id=ticket), CAUSE)


async def test_others_go_on_while_one_is_paused():
    world = World()
    await two_deleted(world, booked_=1)
    await world.steer(paused=True)
    assert await world.run() == 1
    assert (await world.sales.get(1)).taken == 1


async def test_what_failed_before_a_pause_is_tried_again_after_it_although_others_went_on():
    world = World(chunk=3)
    await two_deleted(world, booked_=4)
    world.bookings.stuck = frozenset({1})
    assert await world.step() == 3
    world.bookings.stuck = frozenset()
    await world.steer(paused=True)
    assert await world.step() == 3, "those of the other one"
    await world.steer(paused=False)
    assert (await world.step(), await world.stands()) == (2, (0, 0, 0))


async def test_before_it_is_deleted_there_is_a_preview_and_nothing_to_steer():
    world = World()
    await on_sale(world.store)
    await booked(world.store)
    await held(world.store)
    foreseen = await world.deletions.preview(1, ORGANIZER)
    assert (foreseen.sale.campaign, foreseen.toll.booked, foreseen.toll.held) == (None, Part(1, 15000), Part(1, 15000))
    with pytest.raises(NotFound, match="deletion"):
        await world.steer(paused=True)
    assert (await world.sales.get(1)).taken == 2


async def test_it_is_the_organizers_own():
    world = World()
    await world.deleted(booked_=1)
    for asked in (
        lambda: world.deletions.preview(1, STRANGER),
        lambda: world.deletions.outcomes(1, Outcome.LEFT, STRANGER, Paging()),
        lambda: world.deletions.steer(Steer(ticket_id=1, paused=True), STRANGER, CAUSE),
        lambda: world.deletions.preview(9, ORGANIZER),
    ):
        with pytest.raises(NotFound):
            await asked()
    assert not (await world.sales.get(1)).campaign.paused
    assert (await world.deletions.preview(1, EVERYTHING)).toll.booked.bookings == 1


def test_a_campaign_counts_what_does_not_give_way():
    assert sale().campaigned(2, NOON) == (sale(), ())
    closed, _ = sale(None, booked=3).closed(CAUSE)
    after, _ = closed.campaigned(1, NOON)
    assert (after.campaign.failed, after.left, after.campaign.retry_at) == (1, 2, NOON + SECOND)


def test_only_what_is_there_can_be_stuck():
    stuck, events = booking().stuck("locked")
    assert (stuck.failure, stuck.version, events, stuck.outcome) == ("locked", 0, (), Outcome.FAILED)
    over = booking(status=Status.EXPIRED)
    assert (over.stuck("locked"), over.outcome) == ((over, ()), None)
    assert stuck.canceled(REASON)[0].outcome is Outcome.CANCELED
    assert stuck.canceled("changed my mind")[0].outcome is None
