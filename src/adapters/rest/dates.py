"""Dates on the wire: read in every form the originals read, written in the one form they write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from myticket_core.errors import Invalid
from myticket_core.values import moment, written

ALLOWED: Final = (
    "a date like 2012-04-23T18:25:43.511+0000 (offset, time or their parts may be missing: UTC, midnight), "
    "or epoch milliseconds, in the years 1 to 9999"
)
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII | re.IGNORECASE
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TO_ITS_END: Final = timedelta(days=1, milliseconds=-1)
_MILLIS: Final = re.compile(r"-?\d{1,15}", re.ASCII)


def read_date(member: str, value: object) -> datetime | None:
    """The moment in UTC, to the millisecond; null and "" are None. Raises Invalid."""
    if value is None or value == "":
        return None
    try:
        return _read(value)
    except (ValueError, OverflowError):
        raise Invalid(member, value, ALLOWED) from None


def read_end(member: str, value: object) -> datetime | None:
    """The same, but of a day without a time its last millisecond. Raises Invalid."""
    at = read_date(member, value)
    return at + _TO_ITS_END if at and isinstance(value, str) and _DAY.fullmatch(value) else at


def written_or_null(at: datetime | None) -> str | None:
    return None if at is None else written(at)


def written_millis(millis: int | None) -> str | None:
    """The same of epoch milliseconds; events come from others too, and what no calendar has is left out."""
    try:
        return written_or_null(moment(millis))
    except OverflowError:
        return None


def _read(value: object) -> datetime:
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        return _moment(int(value))
    if isinstance(value, str) and _MILLIS.fullmatch(value):
        return _moment(int(value))
    if isinstance(value, str) and _ISO.fullmatch(value):
        return _iso(value.upper())
    raise ValueError("neither text nor a number")


def _moment(millis: int) -> datetime:
    at = moment(millis)
    assert at is not None
    return at


def _iso(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
