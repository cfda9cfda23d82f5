"""A message to one recipient over one channel about one fact."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NewType, Self

from attrs import evolve, field, frozen

from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.values import kept

NotificationId = NewType("NotificationId", int)

EMAIL: Final = "email"
PUSH: Final = "push"
ELSEWHERE: Final = frozenset({EMAIL, PUSH})
"""Channels whose messages are read in a mailbox, or shown by a browser: not in the list of one's notifications as well.
"""

GIVE_UP_AFTER: Final = 20
"""Attempts; with waits that double up to the longest one that is about an hour: a mail server may be restarted."""

IN_DOUBT: Final = 5
"""Attempts that one counts as of which nobody knows whether it arrived: each may be a copy that somebody gets."""

LONGEST_WAIT: Final = timedelta(minutes=5)

TOGETHER: Final = frozenset({
    "Booked", "PaymentApproved", "PaymentDue", "BookCanceled", "PaymentCanceled", "RefundFailed", "WaitingEnded",
    "TicketRegistered", "TicketChanged", "TicketDeleted",
})  # fmt: skip
"""Events that somebody may be told of in one mail, when there are many."""
IN_CROWDS: Final = frozenset({"Booked", "BookCanceled"})
"""Those that an organizer gets many of within a minute."""
GATHERING: Final = timedelta(minutes=1)
"""How long a mail to them about such an event waits for others."""


class Status(StrEnum):
    QUEUED = "QUEUED"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"
    GATHERED = "GATHERED"  # it is told in another one


@frozen(kw_only=True)
class Message:
    """What is to be told: `customer_id` or `company_id` says whom, `channel` how, in Korean and English.

    `place` says where, for a channel over which one may be reached in several. (event_id, recipient, channel, place) is
    unique: one message per fact, recipient, channel and place.
    """

    event_id: str
    event: str
    channel: str
    text: str
    correlation_id: str
    customer_id: int | None = None
    company_id: int | None = None
    booking_id: int | None = None
    ticket_id: int | None = None
    place: str = ""

    @property
    def recipient(self) -> Scope:
        return Scope(customer_id=self.customer_id, company_id=self.company_id)

    @property
    def together(self) -> bool:
        """Whether it may be told together with others to its recipient."""
        return self.channel == EMAIL and self.event in TOGETHER

    @property
    def gathers(self) -> bool:
        """Whether it waits a little for others in any case."""
        return self.together and self.company_id is not None and self.event in IN_CROWDS


@frozen(kw_only=True)
class Notification:
    """A message and what became of it. `due_at` is when it is tried next; `digest` is the one it is told in.

    Until `waits_until` it may still be told together with others; None: it is told alone.
    """

    id: NotificationId
    message: Message
    created_at: datetime
    due_at: datetime
    status: Status = Status.QUEUED
    attempts: int = 0
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    reason: str | None = field(default=None, converter=kept)
    digest: NotificationId | None = None
    waits_until: datetime | None = None

    @classmethod
    def new(
        cls, id: NotificationId, message: Message, now: datetime, shown: Collection[str], hold: timedelta = timedelta(0)
    ) -> Self:
        """Queued, due after the `hold` and when it has waited for others; over a channel that is `shown` delivered."""
        if message.channel not in shown:
            due_at = now + hold + (GATHERING if message.gathers else timedelta(0))
            waits_until = due_at if message.together else None
            return cls(id=id, message=message, created_at=now, due_at=due_at, waits_until=waits_until)
        done: dict[str, Any] = {"status": Status.DELIVERED, "attempts": 1, "delivered_at": now}
        return cls(id=id, message=message, created_at=now, due_at=now, **done)

    @property
    def untouched(self) -> bool:
        """Whether it may still be told together with others: it has never been in anybody's hands."""
        return self.status is Status.QUEUED and self.attempts == 0 and self.due_at == self.waits_until

    @property
    def held(self) -> bool:
        """Whether it has to wait since its recipient has had so many."""
        least = GATHERING if self.message.gathers else timedelta(0)
        return self.waits_until is not None and self.waits_until - self.created_at > least

    def gathered(self, digest: NotificationId) -> Notification:
        """Told in that one, and no more by itself."""
        if self.status is not Status.QUEUED:
            return self
        return evolve(self, status=Status.GATHERED, digest=digest)

    def taken(self, seen: Notification, until: datetime) -> Notification:
        """In the hands of whoever read it as `seen`, until then; as it is, when somebody else came first."""
        if self.status is not Status.QUEUED or self.due_at != seen.due_at:
            return self
        return evolve(self, due_at=until)

    def delivered(self, now: datetime) -> Notification:
        if self.status is not Status.QUEUED:
            return self
        return evolve(self, status=Status.DELIVERED, attempts=self.attempts + 1, delivered_at=now, reason=None)

    def put_back(self, now: datetime, least: timedelta) -> Notification:
        """Not tried, as there was no room: due again after `least`, and the later the longer it waits already."""
        if self.status is not Status.QUEUED:
            return self
        return evolve(self, due_at=now + min(max(least, (now - self.created_at) / 8), LONGEST_WAIT))

    def doubted(self, reason: str, now: datetime) -> Notification:
        """It may have arrived: tried again after LONGEST_WAIT, and few times."""
        return self.failed(reason, now, LONGEST_WAIT, counts=IN_DOUBT)

    def failed(self, reason: str, now: datetime, least: timedelta = timedelta(0), counts: int = 1) -> Notification:
        """Tried again after 1, 2, 4 … seconds, but after `least` where that is longer, and after LONGEST_WAIT at the
        latest; in the end given up, with why.
        """
        if self.status is not Status.QUEUED:
            return self
        attempts = self.attempts + counts
        if attempts >= GIVE_UP_AFTER:
            return self.refused(reason)
        wait = min(max(timedelta(seconds=2 ** (attempts - 1)), least), LONGEST_WAIT)
        return evolve(self, attempts=attempts, reason=reason, due_at=now + wait)

    def refused(self, reason: str) -> Notification:
        """Given up: trying again would not help."""
        if self.status is not Status.QUEUED:
            return self
        return evolve(self, status=Status.GIVEN_UP, attempts=self.attempts + 1, reason=reason)

    def resent(self, now: datetime) -> Notification:
        """Queued again, and tried from the start; what waits goes on waiting, what is gathered is told elsewhere."""
        if self.status in (Status.QUEUED, Status.GATHERED):
            return self
        return evolve(self, status=Status.QUEUED, attempts=0, due_at=now, delivered_at=None, reason=None)

    def marked(self, read: bool, now: datetime) -> Notification:
        """Read or unread; reading it again keeps the first time."""
        if read == (self.read_at is not None):
            return self
        return evolve(self, read_at=now if read else None)

    def owned(self, owner: Scope) -> Notification:
        """Itself. Raises NotFound when it is for somebody else."""
        if not owner.covers(company_id=self.message.company_id, customer_id=self.message.customer_id):
            raise NotFound("notification", self.id)
        return self
