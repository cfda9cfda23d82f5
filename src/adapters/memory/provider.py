"""A payment provider that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from typing import TypeAlias

from myticket_core.errors import InDoubt, NotFound, Unavailable
from myticket_core.payment.ports import Charged, Refused


class Answer(Enum):
    CHARGE = auto()
    REFUSE = auto()
    UNAVAILABLE = auto()  # nothing is charged
    LOSE = auto()  # charged, but the answer is lost
    DELAY = auto()  # no answer, and the charge arrives with `arrive()`


Told: TypeAlias = Callable[[str, int, str | None], Answer]
"""(key, amount, method) → how a first charge of the key is answered."""

METHODS = {
    "declined": Answer.REFUSE,
    "unavailable": Answer.UNAVAILABLE,
    "lost": Answer.LOSE,
    "late": Answer.DELAY,
}


def by_method(key: str, amount: int, method: str | None) -> Answer:
    """As the method of payment is called; every other one is good."""
    return METHODS.get(method or "", Answer.CHARGE)


class MemoryProvider:
    """Moves no money; remembers per key what it came to, and what was given back.

    `down` makes every call raise Unavailable, `told` says how a charge is answered.
    """

    def __init__(self, told: Told = by_method) -> None:
        self.told, self.down = told, False
        self.outcomes: dict[str, Charged | Refused] = {}
        self.amounts: dict[str, int] = {}  # charged and not given back
        self.late: dict[str, int] = {}
        self.refunded: dict[str, int] = {}

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
        self._up()
        return self.outcomes.get(key) or self._first(key, amount, self.told(key, amount, method))

    async def find(self, key: str) -> Charged | Refused | None:
        self._up()
        return self.outcomes.get(key)

    async def refund(self, key: str) -> None:
        self._up()
        if not isinstance(self.outcomes.get(key), Charged):
            raise NotFound("charge", key)
        if key in self.amounts:
            self.refunded[key] = self.amounts.pop(key)

    def arrive(self) -> None:
        """All delayed charges happen now."""
        for key, amount in self.late.items():
            if key not in self.outcomes:
                self._charge(key, amount)
        self.late.clear()

    def _first(self, key: str, amount: int, answer: Answer) -> Charged | Refused:
        match answer:
            case Answer.CHARGE:
                return self._charge(key, amount)
            case Answer.REFUSE:
                return self.outcomes.setdefault(key, Refused("the card was declined"))
            case Answer.UNAVAILABLE:
                raise Unavailable("the provider does not answer", timedelta(seconds=1))
            case Answer.LOSE:
                self._charge(key, amount)
            case Answer.DELAY:
                self.late[key] = amount
        raise InDoubt(f"no answer about {key}")

    def _charge(self, key: str, amount: int) -> Charged:
        self.amounts[key] = amount
        self.outcomes[key] = charged = Charged(f"charge-{key}")
        return charged

    def _up(self) -> None:
        if self.down:
            raise Unavailable("the provider is down", timedelta(seconds=1))
