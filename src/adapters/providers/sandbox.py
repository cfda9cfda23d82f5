"""A bank that only pretends, but remembers: one SQLite file outside every service's store, as a bank would be.

The method of payment is a test card and says how the first charge of a key is answered, and the first refund:

| method                             | answer                                                    |
|------------------------------------|-----------------------------------------------------------|
| sandbox-approve, or none           | charged                                                   |
| sandbox-decline                    | refused, for good                                         |
| sandbox-slow                       | charged, after two seconds                                |
| sandbox-timeout                    | charged, and the answer is lost                           |
| sandbox-unavailable                | not charged: try again later, or with another card        |
| sandbox-refund-pending             | charged; a refund is pending until it is asked about      |
| sandbox-refund-fails               | charged; a refund fails, a second round of it succeeds    |
| sandbox-refund-timeout             | charged; given back, and the answer about it is lost      |

Every name is known without `sandbox-` too; a card of any other name is refused. What was answered once stands: a
later charge of the same key is answered alike, whatever its card. Written without waiting for the disk: a kill of the
process loses nothing, a power cut may, which a pretended bank can afford.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from adapters.providers.sandbox_bank import Bank
from myticket_core.errors import InDoubt, NotFound, Unavailable
from myticket_core.payment.ports import Charged, GivenBack, GivingBack, NotGivenBack, Refused, Repaid
from myticket_core.ports import Clock

SLOW: Final = timedelta(seconds=2)
REFUNDS: Final = {"refund-pending": "pending", "refund-fails": "failed"}
CARDS: Final = frozenset({"approve", "decline", "slow", "timeout", "unavailable", "refund-timeout", *REFUNDS})


class Sandbox:
    """Each call is one short statement, so nothing else runs between what it reads and what it stores."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._bank = Bank(path)

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
        card = (method or "approve").removeprefix("sandbox-")
        if await self.find(key) is None:
            if card == "unavailable":
                raise Unavailable("the sandbox card is out of order", retry_after=timedelta(seconds=2))
            if card == "slow":
                await self._clock.sleep(SLOW)
            self._bank.charge(key, amount, _refusal(card), card)
            if card == "timeout":
                raise InDoubt("the sandbox card never answers")
        try:
            return self._answer(key)
        except Unavailable as error:
            raise InDoubt(str(error)) from error

    async def find(self, key: str) -> Charged | Refused | None:
        return None if self._bank.charged(key) is None else self._answer(key)

    async def refund(self, key: str, amount: int, round: int) -> Repaid:
        row = self._bank.charged(key)
        if row is None or row.refusal is not None:
            raise NotFound("charge", key)
        begun = self._bank.refund(key, amount, round, REFUNDS.get(row.card or "", "done") if round == 1 else "done")
        if begun and round == 1 and row.card == "refund-timeout":
            raise InDoubt("the sandbox card never answers about its refund")
        return self._repaid(key) or NotGivenBack(f"{amount} was not charged")

    async def find_refund(self, key: str) -> Repaid | None:
        self._bank.pay_out(key)
        return self._repaid(key)

    def close(self) -> None:
        self._bank.close()

    def _answer(self, key: str) -> Charged | Refused:
        """Of a key that has an answer."""
        row = self._bank.charged(key)
        if row is None or row.refusal is None:
            return Charged(f"sandbox-{key}")
        return Refused(row.refusal)

    def _repaid(self, key: str) -> Repaid | None:
        found = self._bank.refunded(key)
        if found is None:
            return None
        reference = f"sandbox-refund-{key}-{found.round}"
        match found.status:
            case "failed":
                return NotGivenBack("the account of the sandbox card is closed")
            case "pending":
                return GivingBack(reference)
        return GivenBack(reference)


def charges(path: Path) -> Sequence[tuple[str, int, int]]:
    """For an audit: key, amount and what of it was given back, of everything that was charged. Raises sqlite3.Error."""
    return Bank(path, read_only=True).everything()


def _refusal(card: str) -> str | None:
    if card not in CARDS:
        return f"there is no sandbox card {card!r}"
    return "the card was declined" if card == "decline" else None
