"""R7. Many mails about bookings to one organizer become one that tells them all: each fact is in exactly one mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from attrs import frozen

from myticket_core.notification.letter import letter
from myticket_core.notification.model import Message, Notification, NotificationId
from myticket_core.notification.ports import Notifications

FEW: Final = 20
"""So many that wait at once are told one by one."""
MOST: Final = 1000
"""In one mail."""
TICKETS: Final = 10
"""So many are told apart in it, those with the most first."""


@frozen
class Digest:
    """What many events of one type are told by: not when they were, since alarm may hear of them hours later."""

    subject: str
    words: str


DIGESTS: Final[dict[str, Digest]] = {
    "Booked": Digest(
        "새 예매 {count}건 / {count} new bookings",
        "새 예매 {count}건이 들어왔습니다. 티켓별 건수: {tickets}. / {count} new bookings came, by ticket: {tickets}.",
    ),
    "BookCanceled": Digest(
        "예매 취소 {count}건 / {count} bookings canceled",
        "예매 {count}건이 취소되었습니다. 티켓별 건수: {tickets}. / "
        "{count} bookings were canceled, by ticket: {tickets}.",
    ),
}


@frozen
class GatherDigests:
    """Safe to run on every replica: what one has gathered, or has in hand, no other one gathers."""

    notifications: Notifications
    prefix: str = "Hello"

    async def __call__(self, due: Sequence[Notification], now: datetime) -> frozenset[NotificationId]:
        """Which of those are not to be told by themselves."""
        kinds = {(it.message.company_id, it.message.event): it.message for it in due if it.untouched}
        gathered = set[NotificationId]()
        for message in kinds.values():
            waiting = [it.id for it in await self.notifications.untouched(message, MOST)]
            if len(waiting) > FEW:
                await self.notifications.gather(waiting, partial(digest, now=now, prefix=self.prefix))
                gathered.update(waiting)
        return frozenset(gathered)


def digest(
    some: Sequence[Notification], id: NotificationId, now: datetime, prefix: str
) -> tuple[Notification, Sequence[Notification]] | None:
    """One for all of them that are still untouched; None: those are few."""
    untouched = [it for it in some if it.untouched]
    if len(untouched) <= FEW:
        return None
    told = Notification(id=id, message=_message(untouched, id, prefix), created_at=now, due_at=now)
    return told, [it.gathered(id) for it in untouched]


def _message(some: Sequence[Notification], id: NotificationId, prefix: str) -> Message:
    first, tickets = some[0].message, Counter(it.message.ticket_id for it in some)
    said = DIGESTS[first.event]
    members = {"count": len(some), "tickets": _by_ticket(tickets)}
    return Message(
        event_id=f"digest-{id}",
        event=f"{first.event}Digest",
        channel=first.channel,
        text=letter(said.subject.format_map(members), prefix, said.words, lambda _: members),
        correlation_id=first.correlation_id,
        company_id=first.company_id,
        ticket_id=first.ticket_id if len(tickets) == 1 else None,
    )


def _by_ticket(tickets: Counter[int | None]) -> str:
    told = tickets.most_common(TICKETS)
    others = tickets.total() - sum(count for _, count in told)
    return ", ".join(f"{ticket or '–'} ({count})" for ticket, count in [*told, *([("…", others)] if others else [])])
