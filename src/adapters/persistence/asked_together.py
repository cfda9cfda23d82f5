"""Questions of many who come at once, asked as one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeAlias

Names: TypeAlias = Mapping[int, str]
Caller: TypeAlias = "tuple[Collection[int], asyncio.Future[Names]]"


class AskedTogether:
    """Who asks while others do, in the same turn of the loop, is answered with them. Nothing is remembered: each answer
    is looked up after its question.
    """

    def __init__(self, ask: Callable[[Collection[int]], Awaitable[Names]]) -> None:
        self._ask = ask
        self._waiting: list[Caller] = []
        self._answering = set[asyncio.Task[None]]()

    async def __call__(self, keys: Collection[int]) -> Names:
        """What all of them have asked for. Raises what `ask` raises."""
        answer: asyncio.Future[Names] = asyncio.get_running_loop().create_future()
        self._waiting.append((keys, answer))
        if len(self._waiting) == 1:
            answering = asyncio.create_task(self._answer())  # of its own: who has asked first may go away
            self._answering.add(answering)
            answering.add_done_callback(self._answering.discard)
        return await answer

    async def _answer(self) -> None:
        callers, self._waiting = self._waiting, []
        try:
            found = await self._ask({key for keys, _ in callers for key in keys})
        except Exception as error:
            for answer in _left(callers):
                answer.set_exception(error)
        else:
            for answer in _left(callers):
                answer.set_result(found)


def _left(callers: list[Caller]) -> list[asyncio.Future[Names]]:
    """Who has not gone meanwhile."""
    return [answer for _, answer in callers if not answer.done()]
