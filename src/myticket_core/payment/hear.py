"""What a provider says of its own accord: kept at once, then followed by asking it."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from myticket_core.access import EVERYTHING
from myticket_core.errors import NotFound
from myticket_core.payment.ports import Hint, Hints, PaymentBook, ReadHint, References
from myticket_core.payment.settle import SettlePayment
from myticket_core.ports import Together

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
    does not matter in which order hints come, how often, or whether they are true.
    """

    hints: Hints
    payments: PaymentBook
    references: References
    settle: SettlePayment
    together: Together
    batch: int = 100

    async def __call__(self) -> int:
        """How many were followed. What fails is followed again; raises what the first of those raised."""
        waiting = await self.hints.waiting(self.batch)
        await self.together([self._follow(hint) for hint in waiting])
        return len(waiting)

    async def _follow(self, hint: Hint) -> None:
        booking_id = _booking(hint.key or await self._key(hint))
        if booking_id is not None:
            await self._look(booking_id)
        await self.hints.followed([hint.id])

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
