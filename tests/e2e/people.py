"""An organizer and a customer who go through the whole scenario again and again, and insist on their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from itertools import count
from typing import Any, Final

from aiohttp import ClientError
from attrs import define, field

from tests.e2e.five import Five
from tests.e2e.load import Diary
from tests.e2e.system import Answer

GONE: Final = (ClientError, ConnectionError, TimeoutError)
AGAIN: Final = 0.1
SETTLED: Final = {
    "sandbox-approve": (201,),
    "sandbox-timeout": (201, 202),
    "sandbox-decline": (402,),
    "sandbox-refund-pending": (201,),
    "sandbox-refund-fails": (201,),
    "sandbox-refund-timeout": (201,),
}
"""Cards, and what they are answered when nothing is in the way; 410: it took so long that the hold is over."""


@define
class People:
    """Everything they ask has an idempotency key, so that asking again is no second wish."""

    five: Five
    name: str
    diary: Diary = field(factory=Diary)
    rounds: int = 0
    standing: int | None = None
    """A ticket that nobody deletes: what is neither paid nor canceled there lapses, what is doubted is asked about."""
    _keys: Any = field(factory=count)

    async def live(self) -> None:
        while True:
            await self._round()
            self.rounds += 1

    async def _round(self) -> None:
        organizer, customer = await self.five.organizer(), await self.five.customer()
        self.standing = self.standing or await self._ticket(organizer, None)
        last, other = await self._ticket(organizer, 1), await self._ticket(organizer, 100)
        first = await self._book(customer, last, "sandbox-approve")  # sold out; and back on sale when it is canceled
        await asyncio.gather(
            self._cancel(customer, first.body) if first.status == 201 else asyncio.sleep(0),
            self._book(customer, self.standing, "sandbox-unavailable", once=True),
            self._book(customer, self.standing, "sandbox-timeout"),
            *(self._book(customer, other, card) for card in ("sandbox-approve", *SETTLED)),
        )
        self.diary.deleted |= {last, other}
        await asyncio.gather(*(self._delete(organizer, ticket) for ticket in (last, other)))

    async def _ticket(self, token: str, capacity: int | None) -> int:
        answer = await self._ask("POST", "/tickets", token, {"price": 15000, "capacity": capacity}, (201,))
        return int(answer.body["id"])

    async def _delete(self, token: str, ticket: int) -> None:
        await self._ask("DELETE", f"/tickets/{ticket}", token, None, (204, 404))

    async def _book(self, token: str, ticket: int, card: str, once: bool = False) -> Answer:
        body = {"ticketId": ticket, "paymentMethod": card}
        wanted = range(600) if once else (*SETTLED[card], 410)
        answer = await self._ask("POST", "/books", token, body, wanted)
        if answer.status == 201:
            self.diary.booked.add(answer.body["id"])
        return answer

    async def _cancel(self, token: str, booking: dict[str, Any]) -> None:
        self.diary.canceling.add(booking["id"])
        await self._ask("DELETE", f"/books/{booking['id']}", token, None, (204,))
        self.diary.canceled.add(booking["id"])

    async def _ask(self, method: str, path: str, token: str, body: Any, wanted: Collection[int]) -> Answer:
        """Until the answer is one of those wanted."""
        key = f"{self.name}-{next(self._keys)}"
        while True:
            try:
                answer = await self.five.ask(method, path, token, body, Idempotency_Key=key)
                self.diary.answers[answer.status] += 1
                if answer.status in wanted:
                    return answer
                assert answer.status in (202, 404, 503), answer
            except GONE:
                pass  # it is dead, or has just been: asked again as a careful client does
            await asyncio.sleep(AGAIN)
