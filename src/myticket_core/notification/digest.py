"""R7. Many mails to one recipient become one that tells them all: each fact is in exactly one mail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from attrs import frozen

from myticket_core.notification.letter import BETWEEN, letter
from myticket_core.notification.model import Message, Notification, NotificationId
from myticket_core.notification.ports import Notifications

FEW: Final = 20
"""So many that wait at once are told one by one, unless one of them is held."""
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
    "PaymentApproved": Digest(
        "예매 완료 {count}건 / {count} bookings made",
        "예매 {count}건이 완료되었습니다. 티켓별 건수: {tickets}. / {count} bookings are made, by ticket: {tickets}.",
    ),
    "PaymentDue": Digest(
        "확정을 기다리는 예매 {count}건 / {count} bookings wait for you",
        "예매 {count}건이 결제나 확정을 기다립니다. 티켓별 건수: {tickets}. 기한은 내 예매에 있습니다. / "
        "{count} bookings wait for you to pay or confirm, by ticket: {tickets}. Until when is said with your bookings.",
    ),
    "PaymentCanceled": Digest(
        "취소 처리 완료 {count}건 / {count} bookings settled",
        "취소된 예매 {count}건의 처리가 끝났습니다. 티켓별 건수: {tickets}. 환불 금액은 알림 목록에 있습니다. / "
        "{count} canceled bookings are settled, by ticket: {tickets}. What is refunded is said in your messages.",
    ),
    "RefundFailed": Digest(
        "환불 확인 중 {count}건 / {count} refunds in trouble",
        "환불 {count}건이 처리되지 않아 확인 중입니다. 티켓별 건수: {tickets}. / "
        "{count} refunds did not go through and are being looked into, by ticket: {tickets}.",
    ),
    "WaitingEnded": Digest(
        "대기 종료 {count}건 / {count} waits are over",
        "기다리시던 자리 {count}건은 나지 않았습니다. 티켓별 건수: {tickets}. / "
        "Of {count} places that you waited for none came free, by ticket: {tickets}.",
    ),
    "TicketRegistered": Digest(
        "티켓 등록 {count}건 / {count} tickets registered",
        "티켓 {count}건이 등록되었습니다: {tickets}. / {count} tickets are registered: {tickets}.",
    ),
    "TicketChanged": Digest(
        "티켓 변경 {count}건 / {count} changes of tickets",
        "티켓이 {count}번 변경되었습니다. 티켓별 횟수: {tickets}. / "
        "Tickets were changed {count} times, by ticket: {tickets}.",
    ),
    "TicketDeleted": Digest(
        "티켓 삭제 {count}건 / {count} tickets deleted",
        "티켓 {count}건이 삭제되었습니다: {tickets}. / {count} tickets are deleted: {tickets}.",
    ),
}
SEVERAL: Final = "알림 {count}건 / {count} messages"
"""The subject of what tells of different events."""


@frozen
class GatherDigests:
    """Safe to run on every replica: what one has gathered, or has in hand, no other one gathers."""

    notifications: Notifications
    prefix: str = "Hello"

    async def __call__(self, due: Sequence[Notification], now: datetime) -> frozenset[NotificationId]:
        """Which of those are not to be told by themselves."""
        told = {it.message.recipient: it.message for it in due if it.untouched}
        gathered = set[NotificationId]()
        for message in told.values():
            waiting = await self.notifications.untouched(message, MOST)
            if many(waiting):
                ids = [it.id for it in waiting]
                await self.notifications.gather(ids, partial(digest, now=now, prefix=self.prefix))
                gathered.update(ids)
        return frozenset(gathered)


def many(waiting: Sequence[Notification]) -> bool:
    """Whether they are told together."""
    return len(waiting) > (1 if any(it.held for it in waiting) else FEW)


def digest(
    some: Sequence[Notification], id: NotificationId, now: datetime, prefix: str
) -> tuple[Notification, Sequence[Notification]] | None:
    """One for all of them that are still untouched; None: those are not many."""
    untouched = [it for it in some if it.untouched]
    if not many(untouched):
        return None
    told = Notification(id=id, message=_message(untouched, id, prefix), created_at=now, due_at=now)
    return told, [it.gathered(id) for it in untouched]


def _message(some: Sequence[Notification], id: NotificationId, prefix: str) -> Message:
    first, kinds = some[0].message, _by_event(some)
    tickets = {it.message.ticket_id for it in some}
    subject, event = SEVERAL.format(count=len(some)), "Digest"
    if len(kinds) == 1:
        subject, event = DIGESTS[first.event].subject.format_map(kinds[first.event]), f"{first.event}Digest"
    return Message(
        event_id=f"digest-{id}",
        event=event,
        channel=first.channel,
        text=letter(subject, prefix, _words(kinds), lambda _: {}),
        correlation_id=first.correlation_id,
        customer_id=first.customer_id,
        company_id=first.company_id,
        ticket_id=first.ticket_id if len(tickets) == 1 else None,
    )


def _by_event(some: Sequence[Notification]) -> Mapping[str, Mapping[str, object]]:
    """What is said of each, in the order in which they began."""
    tickets: dict[str, Counter[int | None]] = defaultdict(Counter)
    for it in some:
        tickets[it.message.event][it.message.ticket_id] += 1
    return {event: {"count": of.total(), "tickets": _by_ticket(of)} for event, of in tickets.items()}


def _words(kinds: Mapping[str, Mapping[str, object]]) -> str:
    """As a template: of each kind a sentence, in each language."""
    told = [DIGESTS[event].words.format_map(members).split(BETWEEN) for event, members in kinds.items()]
    return BETWEEN.join(" ".join(sentences) for sentences in zip(*told, strict=True))


def _by_ticket(tickets: Counter[int | None]) -> str:
    told = tickets.most_common(TICKETS)
    others = tickets.total() - sum(count for _, count in told)
    return ", ".join(f"{ticket or '–'} ({count})" for ticket, count in [*told, *([("…", others)] if others else [])])
