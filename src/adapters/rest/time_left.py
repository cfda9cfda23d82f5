"""For how long a caller waits, as it says in a header: relative to when the request came, so clocks need not agree."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from time import monotonic
from typing import Final, TypeVar

from attrs import frozen

from myticket_core.errors import InDoubt, Invalid

TIME_LEFT: Final = "X-Request-Timeout-Ms"
"""For how long the answer is waited for, from when the question comes: clocks need not agree."""
Result = TypeVar("Result")


@frozen
class TimeLeft:
    """`until`: by the machine's monotonic clock."""

    until: float

    def over(self) -> bool:
        return monotonic() >= self.until

    async def bound(self, job: Awaitable[Result]) -> Result:
        try:
            async with asyncio.timeout(self.until - monotonic()):
                return await job
        except TimeoutError as late:
            raise InDoubt("it takes longer than anybody waits for it") from late


def time_left(said: str | None, came: float) -> TimeLeft | None:
    """Of a request that came at `came`; None: it does not say. Raises Invalid."""
    if said is None:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", said):
        raise Invalid(TIME_LEFT, said, "milliseconds, 0 to 999999")
    return TimeLeft(came + int(said) / 1000)
