"""How many messages wait: above every page, and in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from attrs import define

from adapters.web.asking import Answer, Ask, NoAnswer, Question

PATIENCE: Final = 0.3
"""Seconds that a page waits for it, from when it began to ask for anything."""
LATER: Final = 3.0
"""Seconds that the bell alone waits for it, which nobody sees."""
SILENCE: Final = 5.0
"""Seconds in which no page asks who did not answer one."""


@define(eq=False)
class Bell:
    """Remembers, for all who look at pages, that nobody answers."""

    clock: Callable[[], float] = monotonic
    _until: float = 0.0

    async def ask(self, ask: Ask, question: Question, patience: float = PATIENCE) -> Answer | None:
        """None: there is no answer, or was none a moment ago. Who has more patience finds out whether there is one."""
        if patience <= PATIENCE and self.clock() < self._until:
            return None
        try:
            async with asyncio.timeout(patience):
                answer = await ask(question)
        except (NoAnswer, TimeoutError):
            self._until = self.clock() + SILENCE
            return None
        self._until = 0.0
        return answer
