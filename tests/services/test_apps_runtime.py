"""Workers: one that fails is restarted and disturbs no other; stopping finishes the step in hand."""

import asyncio
from datetime import timedelta
from time import monotonic

import pytest
from structlog.testing import capture_logs

from adapters.memory import MemoryDatabase, MemoryLog, MemoryParking
from adapters.system import RandomIds, SystemClock
from apps.locking import InUse, held, locked
from apps.runtime import PATIENCE, BeatingClock, Worker, Workers
from apps.workers import circling, reacting
from myticket_core.errors import Incomplete, Unavailable
from myticket_core.messages import Cause, Envelope
from myticket_core.reacting import Consumer
from myticket_core.ticket.events import TicketRegistered

SOON = timedelta(seconds=5)


class Steps:
    """A step that does what the script says, one entry a round, then waits for ever more work."""

    def __init__(self, *script):
        self.script, self.done, self.all_done = list(script), 0, asyncio.Event()

    async def __call__(self):
        if not self.script:
            self.all_done.set()
            await asyncio.sleep(0.01)
            return
        act = self.script.pop(0)
        if isinstance(act, Exception):
            raise act
        self.done += 1


async def test_a_failing_worker_is_restarted_and_the_others_go_on():
    failing, steady = Steps(OSError("disk"), OSError("disk"), "ok"), Steps(*["ok"] * 50)
    workers = Workers([Worker("failing", failing), Worker("steady", steady)])
    with capture_logs() as lines:
        workers.start()
        async with asyncio.timeout(5):
            await failing.all_done.wait()
            await steady.all_done.wait()
        assert workers.stuck() == []
        await workers.stop(SOON)
    assert (failing.done, steady.done) == (1, 50)
    assert [line["event"] for line in lines] == ["worker failed", "worker recovered"]
    assert lines[0]["worker"] == "failing"
    assert isinstance(lines[0]["exc_info"], OSError)


async def test_the_same_failure_is_told_again_after_a_success():
    steps = Steps(OSError("1"), "ok", OSError("2"), ValueError("3"), "ok")
    workers = Workers([Worker("it", steps)])
    with capture_logs() as lines:
        workers.start()
        async with asyncio.timeout(5):
            await steps.all_done.wait()
        await workers.stop(SOON)
    assert [line["error"] for line in lines if line["event"] == "worker failed"] == ["1", "2", "3"]


async def test_a_worker_goes_on_behind_an_incomplete_batch():
    asked = []

    async def work(after):
        asked.append(after)
        if len(asked) == 1:
            raise Incomplete(7, OSError("disk"), done=0)
        return 9

    worker = circling("it", work)
    with pytest.raises(Incomplete, match="disk"):
        await worker.step()
    await worker.step()
    assert asked == [0, 7]


async def test_stopping_finishes_the_step_in_hand():
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), []

    async def step():
        begun.set()
        await may_end.wait()
        ended.append(True)

    workers = Workers([Worker("it", step)])
    workers.start()
    await begun.wait()
    stopping = asyncio.create_task(workers.stop(SOON))
    await asyncio.sleep(0)
    may_end.set()
    await stopping
    assert ended == [True]


async def test_what_does_not_end_in_time_is_cut_off():
    workers = Workers([Worker("it", asyncio.Event().wait)])
    workers.start()
    await asyncio.sleep(0)
    with capture_logs() as lines:
        await workers.stop(timedelta(seconds=0.05))
    assert [(line["event"], line["worker"]) for line in lines] == [("worker cut off", "it")]


async def test_a_worker_that_waits_to_be_restarted_stops_at_once():
    failed = asyncio.Event()

    async def step():
        failed.set()
        raise OSError("down")

    workers = Workers([Worker("it", step)])
    workers.start()
    await failed.wait()
    began = monotonic()
    await workers.stop(timedelta(seconds=30))
    assert monotonic() - began < 5


async def test_a_worker_that_hangs_or_has_ended_is_stuck():
    hanging = Worker("hanging", asyncio.Event().wait)
    killed = Worker("killed", asyncio.Event().wait)
    workers = Workers([hanging, killed])
    workers.start()
    await asyncio.sleep(0)
    assert workers.stuck() == []
    hanging.beat_at -= PATIENCE.total_seconds() + 1
    workers._tasks["killed"].cancel()
    await asyncio.sleep(0.01)
    assert workers.stuck() == ["hanging", "killed"]
    await workers.stop(timedelta(0))


async def test_a_consumer_that_waits_for_its_store_fails_meanwhile_which_is_said_once():
    """As my page does while its user may not write: its step goes on, and nothing else says so."""
    log, parking, failures = MemoryLog(), MemoryParking(MemoryDatabase(SystemClock(), RandomIds())), []
    event, cause = TicketRegistered(id=7, version=1, company_id=1, price=1), Cause(id="c", correlation_id="c")
    await log.publisher().publish([Envelope.seal(event, cause, "e", SystemClock().now())])

    async def handler(command, cause):
        failures.append(worker.failures)
        if len(failures) < 4:
            raise Unavailable("it does not allow this user to do that", timedelta(0))

    consumer = Consumer("mypage", {TicketRegistered: lambda it: it}, {TicketRegistered: handler})
    worker = reacting(consumer, log.reader("mypage"), parking, SystemClock(), alone=False)
    with capture_logs() as lines:
        await worker._round()
    assert (failures, worker.failures) == ([0, 1, 2, 3], 0)
    assert [(line["event"], line["worker"]) for line in lines] == [
        ("worker failed", "mypage consumer"),
        ("worker recovered", "mypage consumer"),
    ]


async def test_waiting_by_the_clock_is_no_hanging():
    class Clock:
        async def sleep(self, duration):
            pass

    beats = []
    await BeatingClock(Clock(), lambda: beats.append(1)).sleep(SOON)
    assert beats == [1]


def test_a_store_belongs_to_one_process(tmp_path):
    with locked(tmp_path, ["book", "pay"]):
        with pytest.raises(InUse, match=r"is in use: process \d+ runs pay there"), locked(tmp_path, ["ticket", "pay"]):
            pass
        with locked(tmp_path, ["ticket"]):
            pass
    with locked(tmp_path, ["pay"]):
        pass


def test_whether_somebody_runs_there_can_be_seen(tmp_path):
    assert not held(tmp_path)
    with locked(tmp_path, ["book"]):
        assert held(tmp_path)
    assert not held(tmp_path)
