"""How long a worker rests behind what failed: not where something was done too, or a few hold up thousands."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from adapters.memory import MemoryDatabase, MemoryPaymentBook
from adapters.system import RandomIds, SystemClock, concurrently
from apps.runtime import Worker, Workers
from apps.workers import IDLE, circling
from myticket_core.access import EVERYTHING
from myticket_core.errors import Incomplete, InDoubt
from myticket_core.payment.model import PaymentId, Refund, Status
from myticket_core.payment.ports import GivenBack
from myticket_core.payment.settle import SettlePayments
from tests.domain.examples import CAUSE, payment

MANY = 2_000


class ForgetfulBank:
    """Gives all back; of every tenth its answer is lost once."""

    def __init__(self):
        self.asked = set()

    async def refund(self, key, amount, round):
        lost = key.endswith("0") and key not in self.asked
        self.asked.add(key)
        if lost:
            raise InDoubt("no answer")
        return GivenBack(f"refund-{key}")


async def test_a_tenth_that_fails_holds_up_nobody_behind_it():
    payments = MemoryPaymentBook(MemoryDatabase(SystemClock(), RandomIds()))
    for id in range(1, MANY + 1):
        due = payment(id=PaymentId(id), booking_id=id, status=Status.CANCELING, refund=Refund(amount=1500))
        await payments.change(id, lambda _, __, due=due: (due, ()), CAUSE)
    settle = SettlePayments(payments, ForgetfulBank(), SystemClock(), RandomIds(), concurrently)
    workers = Workers([circling("settle", settle)])
    workers.start()
    async with asyncio.timeout(20):
        for id in range(1, MANY + 1):
            while (await payments.of_booking(id, EVERYTHING)).status is not Status.CANCELED:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    await workers.stop(timedelta(seconds=5))


async def test_when_it_is_round_it_rests_whatever_failed_on_the_way():
    async def work(after):
        raise Incomplete(0 if after else 7, OSError("disk"), done=1)

    worker = circling("it", work)
    began = asyncio.get_running_loop().time()
    for _ in range(2):
        with pytest.raises(Incomplete):
            await worker.step()
    assert asyncio.get_running_loop().time() - began >= 0.9 * IDLE.total_seconds()


async def test_behind_a_batch_of_which_nothing_was_done_it_rests():
    done, begun, all_done = [1, 1, 0, 0, 1], [], asyncio.Event()

    async def step():
        begun.append(asyncio.get_running_loop().time())
        if not done:
            all_done.set()
            await asyncio.sleep(0.01)
            return
        raise Incomplete(0, OSError("disk"), done.pop(0))

    workers = Workers([Worker("it", step)])
    with capture_logs() as lines:
        workers.start()
        async with asyncio.timeout(20):
            await all_done.wait()
        await workers.stop(timedelta(seconds=5))
    pauses = [after - before for before, after in pairwise(begun)]
    assert min(pauses[2:4]) >= 0.04
    told = [line for line in lines if line["event"] == "worker failed"]
    assert [(line["error"], type(line["exc_info"])) for line in told] == [("disk", OSError)]
