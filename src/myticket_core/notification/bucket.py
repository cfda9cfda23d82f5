"""How much somebody gets: some at once, and then one in a while. Of each that is one moment to remember."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import frozen

from myticket_core.access import Scope

Owed: TypeAlias = Mapping[str, datetime]
"""When the bucket of each name is full again; that of one that is not in it is."""


@frozen
class Bucket:
    """So `many` at once, and one more each time that `each` has passed."""

    many: int
    each: timedelta

    def wait(self, full_at: datetime | None, now: datetime) -> timedelta:
        """Until there is one to be taken."""
        return max(self._owed(full_at, now) - (self.many - 1) * self.each, timedelta(0))

    def taken(self, full_at: datetime | None, now: datetime) -> datetime:
        """When it is full again, after one more was taken, be it in advance."""
        return now + self._owed(full_at, now) + self.each

    def _owed(self, full_at: datetime | None, now: datetime) -> timedelta:
        return timedelta(0) if full_at is None else max(full_at - now, timedelta(0))


def known_as(recipient: Scope) -> str:
    """One customer or one company, in the name of a bucket."""
    if recipient.customer_id is None:
        return f"company {recipient.company_id}"
    return f"customer {recipient.customer_id}"
