"""The refund of a payment: a state machine of its own, so that money on its way back is never out of sight."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import evolve, field, frozen

from myticket_core.values import kept

LONGEST_WAIT: Final = timedelta(minutes=5)
GIVE_UP_AFTER: Final = 300
"""Times the provider was asked in vain; with the doubling wait that is about a day."""


class RefundStatus(StrEnum):
    REQUESTED = "REQUESTED"  # the provider is to be asked, or asked again
    PENDING = "PENDING"  # it has taken it on, and will say what becomes of it
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"  # given up: an operator has to act


class RefundStep(StrEnum):
    ACCEPT = "ACCEPT"
    SUCCEED = "SUCCEED"
    FAIL = "FAIL"
    RETRY = "RETRY"  # by an operator


_S = RefundStatus
TABLE: Final[dict[tuple[RefundStatus, RefundStep], RefundStatus]] = {
    (_S.REQUESTED, RefundStep.ACCEPT): _S.PENDING,
    (_S.REQUESTED, RefundStep.SUCCEED): _S.SUCCEEDED,
    (_S.REQUESTED, RefundStep.FAIL): _S.FAILED,
    (_S.REQUESTED, RefundStep.RETRY): _S.REQUESTED,
    (_S.PENDING, RefundStep.ACCEPT): _S.PENDING,
    (_S.PENDING, RefundStep.SUCCEED): _S.SUCCEEDED,
    (_S.PENDING, RefundStep.FAIL): _S.FAILED,
    (_S.PENDING, RefundStep.RETRY): _S.PENDING,
    (_S.FAILED, RefundStep.ACCEPT): _S.PENDING,  # given up too early: the provider has it after all
    (_S.FAILED, RefundStep.SUCCEED): _S.SUCCEEDED,
    (_S.FAILED, RefundStep.FAIL): _S.FAILED,
    (_S.FAILED, RefundStep.RETRY): _S.REQUESTED,
    **{(_S.SUCCEEDED, step): _S.SUCCEEDED for step in RefundStep},
}
"""Every status × step; the same status: nobody is told anything new."""


@frozen(kw_only=True)
class Refund:
    """`amount` is given back in the end, once. `reference` is the provider's.

    `round` counts how often it was begun, anew only after it has failed; `attempts` how often the provider was asked
    since its last step; `due_at` is when it is asked next, None: at once. `since` is when it came to be due; None: an
    earlier version did not say.
    """

    amount: int
    status: RefundStatus = RefundStatus.REQUESTED
    round: int = 1
    attempts: int = 0
    due_at: datetime | None = None
    reference: str | None = None
    reason: str | None = field(default=None, converter=kept)
    since: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether the provider is still to be asked about it."""
        return self.status in (RefundStatus.REQUESTED, RefundStatus.PENDING)

    @property
    def refused(self) -> bool:
        """Whether the provider itself said that it failed, for this round; what was given up may be under way."""
        return self.status is RefundStatus.FAILED and self.attempts < GIVE_UP_AFTER

    def unchanged(self, look: Refund) -> bool:
        """Whether it is still as that look found it. Of many at once only the first one heard counts as an attempt."""
        return (self.round, self.status, self.attempts) == (look.round, look.status, look.attempts)

    def accepted(self, reference: str, look: Refund, now: datetime) -> Refund:
        """Asked about again after 1, 2, 4 … seconds, for as long as it takes: banks have days for it."""
        status = TABLE[self.status, RefundStep.ACCEPT]
        if self.status is RefundStatus.SUCCEEDED or (status is self.status and not self.unchanged(look)):
            return self
        attempts = self.attempts + 1 if status is self.status else 1
        known = evolve(self, status=status, attempts=attempts, reference=reference, reason=None)
        return evolve(known, due_at=now + _wait(attempts))

    def succeeded(self, reference: str) -> Refund:
        status = TABLE[self.status, RefundStep.SUCCEED]
        if status is self.status:
            return self
        return evolve(self, status=status, reference=reference or self.reference, due_at=None, reason=None)

    def failed(self, reason: str) -> Refund:
        status = TABLE[self.status, RefundStep.FAIL]
        return self if status is self.status else evolve(self, status=status, attempts=0, due_at=None, reason=reason)

    def missed(self, reason: str, look: Refund, now: datetime) -> Refund:
        """No answer that settles it: put off, longer each time. One that nobody has taken on is given up in the end."""
        if not self.open or not self.unchanged(look):
            return self
        attempts = self.attempts + 1
        if self.status is RefundStatus.REQUESTED and attempts >= GIVE_UP_AFTER:
            return evolve(self.failed(reason), attempts=attempts)
        return evolve(self, attempts=attempts, reason=reason, due_at=now + _wait(attempts))

    def retried(self) -> Refund:
        """FAILED → REQUESTED, as another round."""
        status = TABLE[self.status, RefundStep.RETRY]
        if status is self.status:
            return self
        return evolve(self, status=status, round=self.round + 1, attempts=0, due_at=None)

    def recovered(self, told: Refund) -> Refund:
        """As it was told after this; each failure that is told is that of one round more."""
        if told.status is RefundStatus.SUCCEEDED:
            return evolve(self.succeeded(told.reference or ""), amount=told.amount)
        return self.retried().failed(told.reason or "")


def _wait(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(attempts - 1, 20)), LONGEST_WAIT)
