"""Jobs that are slow go on beside the next ones, so many and no more; what fails is heard of."""

import asyncio

import pytest

from adapters.system import Beside, concurrently
from myticket_core.errors import Unavailable


async def slow(until, done):
    await until.wait()
    done.append(1)


async def fails():
    raise ValueError("store away")


async def test_what_takes_longer_than_a_moment_is_not_waited_for():
    beside, until, done = Beside(most=3, moment=0.01), asyncio.Event(), []
    await beside([slow(until, done)])
    await beside([slow(until, done)])
    assert done == []
    third = asyncio.create_task(beside([slow(until, done)]))
    assert (await asyncio.wait({third}, timeout=0.1))[1] == {third}, "they are as many as may be"
    until.set()
    await third
    await beside.close()
    assert done == [1, 1, 1]


async def is_away():
    raise Unavailable("push service away")


@pytest.mark.parametrize("jobs", [(is_away, fails), (fails, is_away)], ids=["after it", "before it"])
@pytest.mark.parametrize("together", [Beside(most=3), concurrently], ids=["beside", "concurrently"])
async def test_a_mistake_of_ours_is_not_hidden_by_a_trouble_that_passes(together, jobs):
    with pytest.raises(ValueError, match="store away"):
        await together([job() for job in jobs])


async def test_what_fails_is_raised_and_only_once():
    beside = Beside(most=3)
    with pytest.raises(ValueError, match="store away"):
        await beside([fails(), fails()])
    await beside([])


async def test_in_the_end_what_is_too_slow_is_cut_off():
    beside, done = Beside(most=3, moment=0.01), []
    await beside([slow(asyncio.Event(), done)])
    await beside.close(within=0.01)
    await beside.close()
    assert done == []
