"""How a message is laid out for the channel it goes over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from myticket_core.notification.model import ELSEWHERE
from myticket_core.values import korean

Members: TypeAlias = Callable[[str], Mapping[str, object]]
"""What goes into a template's words in a language."""
SUBJECTS: Final[dict[str, str]] = {
    "Booked": "새 예매 / New booking",
    "PaymentApproved": "결제 완료 / Payment received",
    "PaymentDue": "결제해 주세요 / You can pay now",
    "SeatOffered": "자리가 났습니다 / A seat is free for you",
    "WaitingEnded": "대기 종료 / No seat came free",
    "BookCanceled": "예매 취소 / Booking canceled",
    "HoldCanceled": "예매 취소 / Booking canceled",
    "BookExpired": "예매 시간 만료 / Booking expired",
    "BookDeclined": "결제 거절 / Payment declined",
    "PaymentCanceled": "환불 완료 / Refunded",
    "RefundedInPart": "일부 환불 / Refunded in part",
    "NothingRefunded": "예매 취소 완료 / Canceled without refund",
    "LateMoney": "환불 완료 / Refunded",
    "RefundFailed": "환불 확인 중 / Refund in trouble",
    "FreeBooked": "예매 완료 / Booked",
    "FreeDue": "예매를 확정해 주세요 / You can confirm now",
    "FreeOffered": "자리가 났습니다 / There is a seat for you",
    "FreeExpired": "예매 시간 만료 / Booking expired",
    "FreeOver": "취소 완료 / Booking over",
    "TicketRegistered": "티켓 등록 / Ticket registered",
    "TicketChanged": "티켓 변경 / Ticket changed",
    "TicketDeleted": "티켓 삭제 / Ticket deleted",
}
"""What a message about each fact is headed with where it is read elsewhere."""
LANGUAGES: Final = ("ko", "en")
"""In the order in which a template has them, and a letter its paragraphs."""
BETWEEN: Final = " / "
"""The two languages in the words of a template."""
PARAGRAPH: Final = "\n\n"
UNSAID: Final = "–"
"""In the place of what nobody has said."""
_SLASH: Final = re.compile(r" +/ +")


def laid_out(channel: str, fact: str, prefix: str, words: str, members: Members) -> str:
    """A template's words for `channel`: in one line; read elsewhere the subject, then a paragraph in each language.

    In one line BETWEEN is there once, so that who shows it can take the languages apart: prefix and members lose it.
    """
    if channel in ELSEWHERE:
        return letter(SUBJECTS[fact], prefix, told(words, members))
    korean, english = told(words, members)
    return BETWEEN.join(_SLASH.sub("/", part) for part in (f"{prefix} {korean}", english))


def beginning(prefix: str) -> str:
    """What stands before every message in one line."""
    return _SLASH.sub("/", f"{prefix} ")


def letter(subject: str, prefix: str, said: Iterable[str]) -> str:
    """`said` is a paragraph in each language."""
    return PARAGRAPH.join((subject, *(" ".join(f"{prefix} {part}".split()) for part in said)))


def told(words: str, members: Members) -> Iterator[str]:
    """In each language. They are taken apart before the members go in, since those may hold anything."""
    for language, part in zip(LANGUAGES, words.split(BETWEEN), strict=True):
        yield part.format_map(members(language))


def in_korea(at: datetime) -> str:
    return f"{korean(at):%Y-%m-%d %H:%M:%S} (KST)"
