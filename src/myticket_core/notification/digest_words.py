"""What many events of a type are told by, in Korean and English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from attrs import frozen

from myticket_core.notification.letter import told
from myticket_core.notification.title import called

TICKETS: Final = 10
"""So many are told apart in it, those with the most first."""
_EACH: Final[Mapping[str, str]] = {"ko": "{ticket} {count}건", "en": "{count} of {ticket}"}
_OTHERS: Final[Mapping[str, str]] = {"ko": "그 외 {count}건", "en": "{count} others"}


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
        "티켓 {count}건이 등록되었습니다: {names}. / {count} tickets are registered: {names}.",
    ),
    "TicketChanged": Digest(
        "티켓 변경 {count}건 / {count} changes of tickets",
        "티켓 변경이 {count}건 있었습니다. 티켓별 건수: {tickets}. / "
        "Tickets were changed {count} times, by ticket: {tickets}.",
    ),
    "TicketDeleted": Digest(
        "티켓 삭제 {count}건 / {count} tickets deleted",
        "티켓 {count}건이 삭제되었습니다: {names}. / {count} tickets are deleted: {names}.",
    ),
}
SEVERAL: Final = "알림 {count}건 / {count} messages"
"""The subject of what tells of different events."""


def said(kinds: Mapping[str, Counter[int | None]], names: Mapping[int, str]) -> Iterator[str]:
    """A paragraph in each language: of each event a sentence, by the tickets that so many of it are about."""
    sentences = (told(DIGESTS[event].words, partial(_members, of, names)) for event, of in kinds.items())
    return (" ".join(some) for some in zip(*sentences, strict=True))


def _members(tickets: Counter[int | None], names: Mapping[int, str], language: str) -> Mapping[str, object]:
    first = [(called(id, names, language), count) for id, count in tickets.most_common(TICKETS)]
    left = tickets.total() - sum(count for _, count in first)
    others = [_OTHERS[language].format(count=left)] if left else []
    return {
        "count": tickets.total(),
        "tickets": ", ".join([*(_EACH[language].format(ticket=it, count=count) for it, count in first), *others]),
        "names": ", ".join([*(it for it, _ in first), *others]),
    }
