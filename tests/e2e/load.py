"""Buyers and organizers who keep a diary: what they were promised, to be held against what is there afterwards."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import ClientError
from attrs import define, field

from tests.e2e.five import Five
from tests.e2e.system import Answer, System

CARDS = ("sandbox-approve",) * 8 + ("sandbox-decline", "sandbox-timeout", "sandbox-unavailable")
CALM = ("sandbox-approve",) * 9 + ("sandbox-decline",)
"""Without trouble at the bank."""
GONE = (ClientError, ConnectionError, TimeoutError)


@define
class Diary:
    """`booked` and `canceled` were acknowledged; `canceling` was asked for, and the answer may have been lost."""

    booked: set[int] = field(factory=set)
    canceling: set[int] = field(factory=set)
    canceled: set[int] = field(factory=set)
    deleted: set[int] = field(factory=set)
    answers: Counter[int] = field(factory=Counter)


@define
class Crowd:
    """`size` clients in a closed loop over a few tickets, until they are stopped."""

    system: System | Five
    size: int
    chance: random.Random
    cards: Sequence[str] = CARDS
    pause: float = 0.0
    """Seconds a client takes from one request to the next, about."""
    diary: Diary = field(factory=Diary)
    tickets: list[int] = field(factory=list)

    async def open_up(self, tickets: int = 4) -> None:
        self.tickets = [await self.system.ticket(capacity=self.chance.choice((None, 400))) for _ in range(tickets)]

    async def rush(self, seconds: float) -> None:
        """Send the crowd in for so long; whoever is under way then is cut off."""
        async with self.rushing():
            await asyncio.sleep(seconds)

    @asynccontextmanager
    async def rushing(self) -> AsyncIterator[None]:
        """Whoever is under way at the end is cut off. Raises what a client failed with."""
        clients = [asyncio.create_task(self._client(number)) for number in range(self.size)]
        try:
            yield
        finally:
            for client in clients:
                client.cancel()
            for result in await asyncio.gather(*clients, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result

    async def _client(self, number: int) -> None:
        token = await self.system.customer(1 + number % 4)
        while True:
            try:
                await self._one(number, token)
                await asyncio.sleep(self.pause * self.chance.uniform(0.5, 1.5))
            except GONE:
                await asyncio.sleep(0.01)  # the server was killed: come back as a browser would

    async def _one(self, number: int, token: str) -> None:
        mine = [id for id in self.diary.booked - self.diary.canceling if id % self.size == number]
        if mine and self.chance.random() < 0.15:
            await self._cancel(self.chance.choice(mine))
        else:
            await self._book(number, token)

    async def _book(self, number: int, token: str) -> None:
        """With a key; what was cut off or in doubt is asked again with the same key, as a careful client does."""
        key = f"{number}-{self.chance.randrange(10**12)}"
        body = {"ticketId": self.chance.choice(self.tickets), "paymentMethod": self.chance.choice(self.cards)}
        for _ in range(3):
            try:
                self._note(answer := await self.system.ask("POST", "/books", token, body, Idempotency_Key=key))
                if answer.status != 504:
                    return
            except GONE:
                await asyncio.sleep(0.05)

    async def _cancel(self, id: int) -> None:
        self.diary.canceling.add(id)
        answer = await self.system.ask("DELETE", f"/books/{id}", await self.system.admin())
        self.diary.answers[answer.status] += 1
        if answer.status == 204:
            self.diary.canceled.add(id)

    async def delete_one(self) -> None:
        """The organizer deletes a ticket and puts another in its place."""
        ticket = self.tickets.pop(0)
        self.diary.deleted.add(ticket)
        await self.system.ask("DELETE", f"/tickets/{ticket}", await self.system.organizer())
        self.tickets.append(await self.system.ticket())

    def _note(self, answer: Answer) -> None:
        self.diary.answers[answer.status] += 1
        if answer.status == 201:
            self.diary.booked.add(answer.body["id"])
