"""Several replicas look at one refund, and what the provider says to one of them comes late; on both stores."""

from __future__ import annotations

import asyncio
from typing import Any

from myticket_core.errors import Unavailable
from tests.services.test_money_races import Pay, tried, two, url

__all__ = ["two", "url"]


async def test_looks_at_once_that_hear_nothing_are_one_attempt(two: tuple[Pay, Pay]) -> None:
    all_have_asked = asyncio.Barrier(8)

    async def nothing(*_: Any) -> None:
        await all_have_asked.wait()
        raise Unavailable("the bank does not answer")

    await two[0].charge(1)
    await two[0].cancel(1)
    for it in two:
        it.bank.refund = nothing  # type: ignore[method-assign, assignment]
    for looks in range(1, 21):
        await asyncio.gather(*(tried(it.look(1)) for it in two * 4))
        refund = (await two[0].of(1)).refund
        assert refund is not None
        assert refund.attempts == looks
