"""R7. Many mails to one recipient become one that tells them all: each fact is in exactly one mail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from attrs import frozen

from myticket_core.notification.digest_words import DIGESTS, SEVERAL, said
from myticket_core.notification.letter import letter
from myticket_core.notification.model import Message, Notification, NotificationId
from myticket_core.notification.ports import Notifications, Titles

FEW: Final = 20
"""So many that wait at once are told one by one, unless one of them is held."""
MOST: Final = 1000
"""In one mail."""


@frozen
class GatherDigests:
    """Safe to run on every replica: what one has gathered, or has in hand, no other one gathers."""

    notifications: Notifications
    titles: Titles
    prefix: str = "Hello"

    async def __call__(self, due: Sequence[Notification], now: datetime) -> frozenset[NotificationId]:
        """Which of those are not to be told by themselves."""
        told = {it.message.recipient: it.message for it in due if it.untouched}
        gathered = set[NotificationId]()
        for message in told.values():
            waiting = await self.notifications.untouched(message, MOST)
            if many(waiting):
                ids, names = [it.id for it in waiting], await self.titles.of(tickets_of(waiting))
                await self.notifications.gather(ids, partial(digest, now=now, prefix=self.prefix, names=names))
                gathered.update(ids)
        return frozenset(gathered)


def many(waiting: Sequence[Notification]) -> bool:
    """Whether they are told together."""
    return len(waiting) > (1 if any(it.held for it in waiting) else FEW)


def tickets_of(some: Iterable[Notification]) -> Collection[int]:
    return {it.message.ticket_id for it in some if it.message.ticket_id is not None}


def digest(
    some: Sequence[Notification], id: NotificationId, now: datetime, prefix: str, names: Mapping[int, str]
) -> tuple[Notification, Sequence[Notification]] | None:
    """One for all of them that are still untouched; None: those are not many."""
    untouched = [it for it in some if it.untouched]
    if not many(untouched):
        return None
    told = Notification(id=id, message=_message(untouched, id, prefix, names), created_at=now, due_at=now)
    return told, [it.gathered(id) for it in untouched]


def _message(some: Sequence[Notification], id: NotificationId, prefix: str, names: Mapping[int, str]) -> Message:
    first, kinds = some[0].message, _by_event(some)
    tickets = {it.message.ticket_id for it in some}
    subject, event = SEVERAL.format(count=len(some)), "Digest"
    if len(kinds) == 1:
        subject, event = DIGESTS[first.event].subject.format(count=len(some)), f"{first.event}Digest"
    return Message(
        event_id=f"digest-{id}",
        event=event,
        channel=first.channel,
        text=letter(subject, prefix, said(kinds, names)),
        correlation_id=first.correlation_id,
        customer_id=first.customer_id,
        company_id=first.company_id,
        ticket_id=first.ticket_id if len(tickets) == 1 else None,
    )


def _by_event(some: Sequence[Notification]) -> Mapping[str, Counter[int | None]]:
    """How many of each ticket there are of each, in the order in which they began."""
    kinds = defaultdict[str, Counter[int | None]](Counter)
    for it in some:
        kinds[it.message.event][it.message.ticket_id] += 1
    return kinds
