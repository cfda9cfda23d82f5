"""Asking whether an address is its recipient's: a code goes there, and who signs in as the recipient says it back.

What is asked for is bounded, by recipient and by mailbox: mails are sent to whom somebody else has named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from attrs import evolve, field, frozen

from myticket_core.access import Scope
from myticket_core.errors import Rejected
from myticket_core.notification.contact import Contact, Pending

VALID: Final = timedelta(days=1)
"""How long a code is good, from when it was asked for last."""


@frozen
class Bucket:
    """So `many` at once, and one more each time that `each` has passed."""

    many: int
    each: timedelta

    def taken(self, full_at: datetime | None, now: datetime) -> datetime:
        """When it is full again, after one more was taken. Raises Rejected, with when there is one."""
        owed = max((full_at or now) - now, timedelta(0)) + self.each
        if (wait := owed - self.many * self.each) > timedelta(0):
            raise Rejected(
                "too_many_confirmations", "so many mails were sent already that the next has to wait", retry_after=wait
            )
        return now + owed


OF_RECIPIENT: Final = Bucket(3, timedelta(minutes=20))
OF_MAILBOX: Final = Bucket(4, timedelta(minutes=20))
"""Of all recipients together."""

Owed: TypeAlias = Mapping[str, datetime]
"""When the bucket of each name is full again; that of one that is not in it is."""


@frozen
class Asking:
    """An address that was given at `now`, and a `code` that nobody can guess. `sends`: there is a way to send it."""

    given: Contact
    code: str = field(repr=False)
    now: datetime
    sends: bool

    @property
    def buckets(self) -> Sequence[str]:
        """The names of the recipient's and the mailbox's."""
        return _known_as(self.given.recipient), mailbox_of(self.given.address)

    def decided(self, before: Contact | None, owed: Owed) -> tuple[Contact, Owed]:
        """The contact, and the buckets that a mail was taken from: one is to be sent when the mailbox's is among them.

        An address that is confirmed stays so; one that waits for it keeps its code. Raises Rejected: its recipient has
        asked for too many. That others have, for the same mailbox, is told nobody: then nothing is sent.
        """
        after = self._contact(before)
        if not (self.sends and after.wanted and after.pending):
            return after, {}
        recipient, mailbox = self.buckets
        taken = {recipient: OF_RECIPIENT.taken(owed.get(recipient), self.now)}
        try:
            return after, {**taken, mailbox: OF_MAILBOX.taken(owed.get(mailbox), self.now)}
        except Rejected:
            return after, taken

    def _contact(self, before: Contact | None) -> Contact:
        code = self.code
        if before is not None and before.address == self.given.address:
            if before.pending is None:
                return self.given
            if self.now < before.pending.until:
                code = before.pending.code
        return evolve(self.given, pending=Pending(code, self.now + VALID))


def mailbox_of(address: str) -> str:
    """A digest, the same for what is most likely one mailbox: in whichever case, and with whatever behind a plus."""
    import hashlib  # as for the place of a browser

    local, _, domain = address.lower().rpartition("@")
    return hashlib.sha256(f"{local.partition('+')[0]}@{domain}".encode()).hexdigest()


def _known_as(recipient: Scope) -> str:
    if recipient.customer_id is None:
        return f"company {recipient.company_id}"
    return f"customer {recipient.customer_id}"
