"""The cancellation of all bookings of a deleted ticket, and how it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import evolve, field, frozen

from myticket_core.messages import Cause
from myticket_core.values import or_nothing

REASON: Final = "the organizer deleted the ticket"
"""Why the campaign cancels; what is canceled for this reason is its work."""

LONGEST: Final = timedelta(minutes=1)
"""What failed is tried again after 1, 2, 4 … seconds, at the latest after this."""


@frozen
class Campaign:
    """Begun with `total` bookings, of which `failed` did not give way in the last round, the `rounds`-th in a row."""

    total: int
    cause_id: str
    correlation_id: str
    failed: int = 0
    paused: bool = field(default=False, converter=bool)
    rounds: int = field(default=0, converter=or_nothing)
    retry_at: datetime | None = None

    @property
    def cause(self) -> Cause:
        return Cause(id=self.cause_id, correlation_id=self.correlation_id)

    def retries(self, now: datetime) -> bool:
        """Whether it is time to try again what failed."""
        return self.retry_at is None or now >= self.retry_at

    def round_over(self, failed: int, now: datetime) -> Campaign:
        if not failed:
            return evolve(self, failed=0, rounds=0, retry_at=None)
        wait = min(timedelta(seconds=2 ** min(self.rounds, 10)), LONGEST)
        return evolve(self, failed=failed, rounds=self.rounds + 1, retry_at=now + wait)

    def steered(self, paused: bool) -> Campaign:
        """Paused, or going on: then what failed is tried again at once."""
        return evolve(self, paused=True) if paused else evolve(self, paused=False, rounds=0, retry_at=None)


class Outcome(StrEnum):
    """What has become of a booking in its ticket's campaign; what ended otherwise has none."""

    LEFT = "left"
    FAILED = "failed"
    CANCELED = "canceled"


@frozen
class Part:
    """So many bookings, and what was paid for them, or is given back, in the currency's smallest unit."""

    bookings: int = 0
    money: int = 0


@frozen(kw_only=True)
class Toll:
    """What a deletion costs: `booked` and `held` are live, `failed` those of them that did not give way.

    `canceled` are the campaign's; their money is what was to be given back. Nothing certain was paid for a hold: its
    money is its price.
    """

    booked: Part = Part()
    held: Part = Part()
    failed: Part = Part()
    canceled: Part = Part()
