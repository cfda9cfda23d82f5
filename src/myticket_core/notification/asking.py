"""Asking whether an address is its recipient's: a code goes there, and who signs in as the recipient says it back.

What is asked for is bounded, by recipient and by mailbox: mails are sent to whom somebody else has named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from myticket_core.errors import Rejected
from myticket_core.notification.bucket import Bucket, Owed, known_as
from myticket_core.notification.contact import Contact, Pending

VALID: Final = timedelta(days=1)
"""How long a code is good, from when it was asked for last."""
OF_RECIPIENT: Final = Bucket(3, timedelta(minutes=20))
OF_MAILBOX: Final = Bucket(4, timedelta(minutes=20))
"""Of all recipients together."""


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
        return known_as(self.given.recipient), mailbox_of(self.given.address)

    def decided(self, before: Contact | None, owed: Owed) -> tuple[Contact, Owed]:
        """The contact, and the buckets that a mail was taken from: one is to be sent when the mailbox's is among them.

        An address that is confirmed stays so; one that waits for it keeps its code. Raises Rejected: its recipient has
        asked for too many. That others have, for the same mailbox, is told nobody: then nothing is sent.
        """
        after = self._contact(before)
        if not (self.sends and after.wanted and after.pending):
            return after, {}
        recipient, mailbox = self.buckets
        if wait := OF_RECIPIENT.wait(owed.get(recipient), self.now):
            detail = "so many mails were sent already that the next has to wait"
            raise Rejected("too_many_confirmations", detail, retry_after=wait)
        taken = {recipient: OF_RECIPIENT.taken(owed.get(recipient), self.now)}
        if OF_MAILBOX.wait(owed.get(mailbox), self.now):
            return after, taken
        return after, {**taken, mailbox: OF_MAILBOX.taken(owed.get(mailbox), self.now)}

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
