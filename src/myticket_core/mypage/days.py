"""Days as people here count them. Korea has had no daylight saving since 1988."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from myticket_core.mypage.model import BookingPage

AHEAD: Final = 9 * 60 * 60 * 1000
"""Milliseconds by which Korea is ahead of UTC."""
DAY: Final = 24 * 60 * 60 * 1000
_FIRST: Final = date(1970, 1, 1).toordinal()


def by_day(bookings: Iterable[BookingPage]) -> Mapping[date, int]:
    return dated(Counter((it.booked_at + AHEAD) // DAY for it in bookings if it.booked_at is not None).items())


def dated(counts: Iterable[tuple[int, int]]) -> Mapping[date, int]:
    """Of days that are counted from the first of 1970 on, in their order."""
    return {date.fromordinal(_FIRST + day): count for day, count in sorted(counts)}
