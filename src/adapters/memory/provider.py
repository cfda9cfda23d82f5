"""A payment provider that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from typing import TypeAlias

from attrs import frozen

from myticket_core.errors import InDoubt, NotFound, Unavailable
from myticket_core.payment.ports import Charged, GivenBack, GivingBack, NotGivenBack, Refused, Repaid


class Answer(Enum):
    CHARGE = auto()
    REFUSE = auto()
    UNAVAILABLE = auto()  # nothing is charged
    LOSE = auto()  # charged, but the answer is lost
    DELAY = auto()  # no answer, and the charge arrives with `arrive()`


class Repay(Enum):
    GIVE = auto()
    PEND = auto()  # given back when it is asked about
    FAIL = auto()
    LOSE = auto()  # given back, but the answer is lost


Told: TypeAlias = Callable[[str, int, str | None], Answer]
"""(key, amount, method) → how a first charge of the key is answered."""

ToldOfRefund: TypeAlias = Callable[[str, int, str | None], Repay]
"""(key, round, method of the charge) → how the first refund of that round is answered."""

METHODS = {
    "declined": Answer.REFUSE,
    "unavailable": Answer.UNAVAILABLE,
    "lost": Answer.LOSE,
    "late": Answer.DELAY,
}
REFUNDS = {"refund pending": Repay.PEND, "refund fails": Repay.FAIL, "refund lost": Repay.LOSE}


def by_method(key: str, amount: int, method: str | None) -> Answer:
    """As the method of payment is called; every other one is good."""
    return METHODS.get(method or "", Answer.CHARGE)


def refund_by_method(key: str, round: int, method: str | None) -> Repay:
    """The second round is good whatever the method."""
    return REFUNDS.get(method or "", Repay.GIVE) if round == 1 else Repay.GIVE


@frozen
class _Refund:
    amount: int
    round: int
    outcome: Repaid


class MemoryProvider:
    """Moves no money; remembers per key what it came to, and what was given back.

    `down` makes every call raise Unavailable, `told` says how a charge is answered, `told_of_refund` how a refund.
    """

    def __init__(self, told: Told = by_method, told_of_refund: ToldOfRefund = refund_by_method) -> None:
        self.told, self.told_of_refund, self.down = told, told_of_refund, False
        self.outcomes: dict[str, Charged | Refused] = {}
        self.methods: dict[str, str | None] = {}
        self.amounts: dict[str, int] = {}  # charged and not given back
        self.late: dict[str, int] = {}
        self.refunded: dict[str, int] = {}
        self.refunds: dict[str, _Refund] = {}

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
        self._up()
        self.methods.setdefault(key, method)
        return self.outcomes.get(key) or self._first(key, amount, self.told(key, amount, method))

    async def find(self, key: str) -> Charged | Refused | None:
        self._up()
        return self.outcomes.get(key)

    async def refund(self, key: str, amount: int, round: int) -> Repaid:
        self._up()
        if not isinstance(self.outcomes.get(key), Charged):
            raise NotFound("charge", key)
        last = self.refunds.get(key)
        if last is not None and not (isinstance(last.outcome, NotGivenBack) and round > last.round):
            return last.outcome
        return self._repay(key, amount, round)

    async def find_refund(self, key: str) -> Repaid | None:
        self._up()
        last = self.refunds.get(key)
        if last is None:
            return None
        pending = isinstance(last.outcome, GivingBack)
        return self._give(key, last.amount, last.round) if pending else last.outcome

    def arrive(self) -> None:
        """All delayed charges happen now, those too whose key was refused with another method meanwhile."""
        for key, amount in self.late.items():
            if not isinstance(self.outcomes.get(key), Charged):
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

    def _repay(self, key: str, amount: int, round: int) -> Repaid:
        answer = self.told_of_refund(key, round, self.methods.get(key))
        match answer:
            case Repay.FAIL:
                return self._remember(key, amount, round, NotGivenBack("the account is closed"))
            case Repay.PEND:
                return self._remember(key, amount, round, GivingBack(f"refund-{key}-{round}"))
        given = self._give(key, amount, round)
        if answer is Repay.LOSE:
            raise InDoubt(f"no answer about the refund of {key}")
        return given

    def _give(self, key: str, amount: int, round: int) -> Repaid:
        """Nobody gets more than was charged."""
        left = self.amounts.get(key, 0) - amount
        if left < 0:
            return self._remember(key, amount, round, NotGivenBack("that much was not charged"))
        self.refunded[key] = amount
        self.amounts[key] = left
        if not left:
            del self.amounts[key]
        return self._remember(key, amount, round, GivenBack(f"refund-{key}-{round}"))

    def _remember(self, key: str, amount: int, round: int, outcome: Repaid) -> Repaid:
        self.refunds[key] = _Refund(amount, round, outcome)
        return outcome

    def _up(self) -> None:
        if self.down:
            raise Unavailable("the provider is down", timedelta(seconds=1))
