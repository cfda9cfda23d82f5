"""Days as people in Korea count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from myticket_core.mypage.model import BookingPage
from myticket_core.values import KOREA

AHEAD: Final = KOREA.utcoffset(None) // timedelta(milliseconds=1)
"""Milliseconds by which Korea is ahead of UTC."""
DAY: Final = timedelta(days=1) // timedelta(milliseconds=1)
_FIRST: Final = date(1970, 1, 1).toordinal()


def by_day(bookings: Iterable[BookingPage]) -> Mapping[date, int]:
    return dated(Counter((it.booked_at + AHEAD) // DAY for it in bookings if it.booked_at is not None).items())


def dated(counts: Iterable[tuple[int, int]]) -> Mapping[date, int]:
    """Of days that are counted from the first of 1970 on, in their order."""
    return {date.fromordinal(_FIRST + day): count for day, count in sorted(counts)}
