"""Values that several contexts speak of, and their bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from unicodedata import category

from myticket_core.errors import Invalid

LARGEST: Final = 2**53 - 1
"""Ids and money stay exact in every JSON reader."""
_JOINERS: Final = dict.fromkeys((0x200C, 0x200D))
_BLANKS: Final = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
"""What counts as letters and symbols and shows nothing: the fillers of Hangul, Braille without a dot, a null note."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

KOREA: Final = timezone(timedelta(hours=9), "Asia/Seoul")
"""Where people here count days and hours. It has had no daylight saving since 1988."""


def whole(least: int = 0, most: int = LARGEST, *, optional: bool = False) -> Callable[[Any, Any, Any], None]:
    """A validator: an integer from `least` to `most`, or None where that is allowed."""

    def check(_: Any, member: Any, value: int | None) -> None:
        if value is None and optional:
            return
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Invalid(member.name, value, f"an integer from {least} to {most}")

    return check


def or_nothing(value: int | None) -> int:
    """A converter: None, from before there was such a member, is 0."""
    return value or 0


def kept(text: str | None) -> str | None:
    """A converter: half a surrogate pair and NUL, which some stores keep in no text, as they are written in Python."""
    if text is None or text.isprintable():
        return text
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def text(longest: int) -> Callable[[Any, Any, Any], None]:
    """A validator: None, or at most `longest` characters without control characters, something of which is seen."""

    def check(_: Any, member: Any, value: object) -> None:
        if value is None or (isinstance(value, str) and len(value) <= longest and _printable(value) and _seen(value)):
            return
        raise Invalid(member.name, str(value)[:40], f"at most {longest} printable characters")

    return check


def _printable(text: str) -> bool:
    """The joiners that Hindi, Persian and emoji of several are written with are no characters of their own."""
    return text.isprintable() or text.translate(_JOINERS).isprintable()


def in_one_line(text: str) -> str:
    """What is left of it that `text` takes: what is not printable is a blank, and of several blanks there is one."""
    shown = text if _printable(text) else "".join(it if _printable(it) else " " for it in text)
    return " ".join(shown.split())


def _seen(text: str) -> bool:
    """Spaces alone are seen, as a search may be for them; accents with no letter below them are not."""
    return not text.strip() or any(category(it)[0] not in "MZC" and it not in _BLANKS for it in text)


def dated(_: Any, member: Any, value: object) -> None:
    """A validator: None, or a datetime that says how far it is from UTC, where it is in the years 1 to 9999 too."""
    if value is not None and not (isinstance(value, datetime) and _in_utc(value)):
        raise Invalid(member.name, str(value)[:40], "a datetime with its offset from UTC, in the years 1 to 9999")


def _in_utc(value: datetime) -> bool:
    try:
        return value.utcoffset() is not None and value.astimezone(UTC) is not None
    except OverflowError:
        return False


def in_order(starts: datetime | None, ends: datetime | None) -> None:
    """Raises Invalid when a period ends before it starts."""
    if starts and ends and ends < starts:
        raise Invalid("end_date", written(ends), f"not before it begins, {written(starts)}")


def millis(moment: datetime | None) -> int | None:
    """Epoch milliseconds, as dates stand in events."""
    return None if moment is None else (moment - EPOCH) // timedelta(milliseconds=1)


def written(at: datetime) -> str:
    """A moment as dates are told to people and programs: `yyyy-MM-dd'T'HH:mm:ss.SSS+0000`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "+0000"


def korean(at: datetime) -> datetime:
    """The same moment by Korea's clocks. In the last hours of 9999 they show none any more: then the last there is."""
    try:
        return at.astimezone(KOREA)
    except OverflowError:
        return datetime.max.replace(tzinfo=KOREA)


def moment(millis: int | None) -> datetime | None:
    """The opposite of `millis`."""
    return None if millis is None else EPOCH + timedelta(milliseconds=millis)
