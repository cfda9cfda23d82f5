"""Several replicas look at one refund, and what the provider says to one of them comes late; on both stores."""

from __future__ import annotations

import asyncio

import pytest

from myticket_core.errors import Unavailable
from myticket_core.payment.ports import GivingBack, NotGivenBack, Repaid
from tests.services.test_money_races import Pay, tried, two, url

__all__ = ["two", "url"]


async def test_looks_at_once_that_hear_nothing_are_one_attempt(two: tuple[Pay, Pay]) -> None:
    all_have_asked = asyncio.Barrier(8)

    async def nothing(key: str, amount: int, round: int) -> Repaid:
        await all_have_asked.wait()
        raise Unavailable("the bank does not answer")

    await two[0].charge(1)
    await two[0].cancel(1)
    for it in two:
        it.bank.refund = nothing  # type: ignore[method-assign]
    for looks in range(1, 21):
        await asyncio.gather(*(tried(it.look(1)) for it in two * 4))
        refund = (await two[0].of(1)).refund
        assert refund is not None
        assert refund.attempts == looks
    await two[0].charge(2)
    assert (await two[0].of(2)).id == (await two[0].of(1)).id + 1, "looking takes no numbers"


@pytest.mark.parametrize("retried", [False, True], ids=["failed", "retried"])
async def test_that_it_is_under_way_heard_late_undoes_nothing(two: tuple[Pay, Pay], retried: bool) -> None:
    one, other = two
    asked, arrives = asyncio.Event(), asyncio.Event()

    async def slow(key: str) -> Repaid:
        asked.set()
        await arrives.wait()
        return GivingBack("re_1")

    await one.charge(1, "refund-pending")
    await one.cancel(1)
    await one.look(1)
    one.bank.find_refund = slow  # type: ignore[method-assign]
    other.bank.find_refund = _failed  # type: ignore[method-assign]
    late = asyncio.create_task(one.look(1))
    await asked.wait()
    await other.look(1)
    if retried:
        await other.retry(1)
    heard = await other.of(1)
    arrives.set()
    await late
    assert await one.of(1) == heard


async def _failed(key: str) -> Repaid:
    return NotGivenBack("the account is closed")
