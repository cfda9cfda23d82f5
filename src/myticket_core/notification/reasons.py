"""Why something happened, for whom a message is in Korean: events say it in English, as their wire has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KOREAN: Final[Mapping[str, str]] = {
    "canceled by the buyer": "구매자가 취소함",
    "canceled by an operator": "운영자가 취소함",
    "the organizer deleted the ticket": "주최사가 티켓을 삭제함",
    "its sale is over": "판매가 끝남",
    "the hold ended before it was paid": "결제 시간이 지남",
    "the booking was lost": "예매 기록이 사라짐",
    "the booking was canceled": "예매가 취소됨",
    "declined": "결제가 거절됨",
    "the card was declined": "카드가 거절됨",
}
"""What the system itself gives as a reason. A provider's own words, and those of other services, stay as they are."""


def said(reason: str, language: str) -> str:
    return KOREAN.get(reason, reason) if language == "ko" else reason
