"""The edge to another service: who asks passes a bulkhead and a circuit breaker, and is sent back when it is no use.

Retries stand outside: each passes both again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeAlias

import structlog
from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_random

from adapters.rest.breaker import Breaker, Permit, Refused, State
from adapters.rest.breaker_window import Thresholds
from adapters.rest.bulkhead import Bulkhead, Full
from adapters.rest.client_answer import Answer, NoAnswer

CREDIT: Final = 10.0
"""Retries that are there at first, and at most."""
EARNED: Final = 0.1
"""By each question."""
OUTCOMES: Final = ("good", "bad", "open", "full", "retry", "probe")
"""What is counted: answers and what was none, those sent back by the circuit and for want of a place, and of the
questions that were sent how many were retries and how many probes.
"""
RECENT: Final = 0.1
"""The part that the last answer has in what is called the delay."""
JITTER: Final = 2.0
"""Seconds at most, so that those who were sent back do not all come again at once."""

Question: TypeAlias = Callable[[], Awaitable[Answer]]
Again: TypeAlias = Callable[[Answer | NoAnswer], bool]
log = structlog.get_logger("myticket.rest")


class NotAsked(Exception):
    """Nothing was sent. `wait`: in so many seconds it may be worth asking again."""

    def __init__(self, why: str, wait: float) -> None:
        super().__init__(why)
        self.wait = wait + random.uniform(0, JITTER)


class Edge:
    """One kind of question, at most `most` at the same time; an answer after `slow` seconds is as bad as none.

    `again` says after what asking once more is no risk and may help: that is done once a question at most, for one
    question of ten over time, and never while the circuit is not closed. A refusal by the other side is a good answer,
    5xx and 429 are bad ones. `counts` are of what came of questions, `changes` of states.
    """

    def __init__(self, name: str, slow: float, most: int, again: Again) -> None:
        self.name, self._again = name, again
        self.breaker = Breaker(Thresholds(slow), self._changed)
        self.places = Bulkhead(most, slow / 2)
        self.counts, self.changes = Counter(dict.fromkeys(OUTCOMES, 0)), Counter(dict.fromkeys(State, 0))
        self._credit, self._delay = CREDIT, 0.0
        self._slow, self._why = slow, ""  # of the last answer, what was bad about it

    @property
    def capacity(self) -> float:
        """Questions a second, as far as places and the delay of the last answers tell."""
        return self.places.places / self._delay if self._delay else 0.0

    async def ask(self, question: Question) -> Answer:
        """Raises NoAnswer; NotAsked."""
        self._credit = min(CREDIT, self._credit + EARNED)
        retrying = AsyncRetrying(stop=stop_after_attempt(2), wait=wait_random(0.02, 0.1), retry=self._retries)
        answer: Answer = await retrying(self._once, question)
        return answer

    async def _once(self, question: Question) -> Answer:
        """Probes need no place: they are few, and what hung before may still have all of them."""
        self.check_open()
        if self.breaker.state is State.HALF_OPEN:
            return await self._let_in(question)
        try:
            async with self.places.place():
                return await self._let_in(question)
        except Full:
            self.check_open()
            self.counts["full"] += 1
            raise NotAsked(f"too many wait for {self.name}", self.places.patience) from None

    async def _let_in(self, question: Question) -> Answer:
        """Who waited for a place finds the circuit as it is then."""
        with self._permit() as permit:
            began = monotonic()
            came = await _came(question)
            good = isinstance(came, Answer) and came.status < 500 and came.status != 429
            self._why = "" if good else f"answers {came.status}" if isinstance(came, Answer) else str(came)
            permit.was(good)
        self._learn(began, good)
        if isinstance(came, NoAnswer):
            raise came
        return came

    def _learn(self, began: float, good: bool) -> None:
        self.counts["good" if good else "bad"] += 1
        self.places.answered(began, good)
        if good:
            delay = monotonic() - began
            self._delay += RECENT * (delay - self._delay) if self._delay else delay

    def check_open(self) -> None:
        """Raises NotAsked: whoever asked now would be turned away by the circuit."""
        if self.breaker.room == 0:
            raise self._turned_away(self.breaker.wait)

    def _permit(self) -> Permit:
        try:
            permit = self.breaker.call()
        except Refused as refused:
            raise self._turned_away(refused.wait) from None
        self.counts["probe"] += self.breaker.state is State.HALF_OPEN
        return permit

    def _turned_away(self, wait: float) -> NotAsked:
        self.counts["open"] += 1
        return NotAsked(f"{self.name} does not answer well: nobody is asked for {wait:.1f} s", wait)

    def _retries(self, state: RetryCallState) -> bool:
        assert state.outcome is not None
        came = state.outcome.exception() or state.outcome.result()
        if state.attempt_number > 1 or not isinstance(came, Answer | NoAnswer) or not self._again(came):
            return False
        if self._credit < 1 or self.breaker.state is not State.CLOSED:
            return False
        self._credit -= 1
        self.counts["retry"] += 1
        return True

    def _changed(self, before: State, after: State) -> None:
        why = {"why": self._why or f"slower than {self._slow:g} s"} if after is State.OPEN else {}
        log.warning("circuit", to=self.name, before=before, after=after, **why)
        self.changes[after] += 1
        if after is State.OPEN:
            self.places.dismiss()


async def _came(question: Question) -> Answer | NoAnswer:
    try:
        return await question()
    except NoAnswer as failure:
        return failure
