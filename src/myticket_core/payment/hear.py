"""What a provider says of its own accord: kept at once, then followed by asking it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from attrs import field, frozen

from myticket_core.access import EVERYTHING
from myticket_core.asking_again import AskAgain
from myticket_core.batches import each
from myticket_core.errors import NotFound
from myticket_core.payment.ports import Hint, Hints, PaymentBook, ReadHint, References
from myticket_core.payment.settle import SettlePayment
from myticket_core.ports import Clock, Together

RARELY: Final = timedelta(minutes=1)
"""Between two looks for a hint that cannot be followed: whatever it is about is polled meanwhile."""

_KEY: Final = re.compile(r"booking-([1-9][0-9]{0,15})")


@frozen
class HearProvider:
    """Kept when this returns, and followed soon. Raises Unauthenticated, Invalid: nothing is kept; Unavailable."""

    hints: Hints
    read: ReadHint

    async def __call__(self, message: bytes, signature: str) -> None:
        hint = self.read(message, signature)
        if hint is not None:
            await self.hints.keep(hint)


@frozen
class FollowHints:
    """Looks at the payments that hints are about, as the worker does that polls: so the two cannot disagree, and it
    does not matter in which order hints come, how often, or whether they are true. One that cannot be followed holds
    up no other.
    """

    hints: Hints
    payments: PaymentBook
    references: References
    settle: SettlePayment
    together: Together
    clock: Clock
    batch: int = 100
    again: AskAgain = field(factory=lambda: AskAgain(RARELY))

    async def __call__(self) -> int:
        """How many were followed. What fails is followed again later; raises Incomplete then."""
        now = self.clock.now()
        waiting = await self.hints.waiting(self.batch + len(self.again))
        due = [hint for hint in waiting if self.again.due(hint.id, now)][: self.batch]
        await each(due, self._follow, self.together, onward=0)
        return len(due)

    async def _follow(self, hint: Hint) -> None:
        try:
            booking_id = _booking(hint.key or await self._key(hint))
            if booking_id is not None:
                await self._look(booking_id)
            await self.hints.followed([hint.id])
        except Exception:
            self.again.unanswered(hint.id, self.clock.now())
            raise
        self.again.soon(hint.id)

    async def _key(self, hint: Hint) -> str | None:
        return None if hint.reference is None else await self.references.key_of(hint.reference)

    async def _look(self, booking_id: int) -> None:
        try:
            payment = await self.payments.of_booking(booking_id, EVERYTHING)
        except NotFound:
            return  # of another system on the same account
        await self.settle(payment)


def _booking(key: str | None) -> int | None:
    """The opposite of approve.key_of."""
    found = _KEY.fullmatch(key or "")
    return int(found[1]) if found else None
