"""Korean and English: which one a browser wants, what the pages say in it, money and moments as it writes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from babel.dates import format_datetime
from babel.numbers import format_decimal

from myticket_core.money import Currency
from myticket_core.notification.letter import LANGUAGES
from myticket_core.values import KOREA, korean

_LOCALES: Final = {"ko": "ko_KR", "en": "en_US"}
_PATTERNS: Final = {
    "ko": {
        "day": "y년 M월 d일 (E)",
        "time": "y년 M월 d일 (E) HH:mm",
        "second": "M월 d일 HH:mm:ss",
        "this year": "M월 d일 (E) HH:mm",
    },
    "en": {
        "day": "E, d MMM y",
        "time": "E, d MMM y, HH:mm",
        "second": "d MMM, HH:mm:ss",
        "this year": "E, d MMM, HH:mm",
    },
}

_QUALITY: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
"""RFC 9110, 12.4.2."""


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Key → language → what is said, from the one catalogue."""
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def wanted(said: str | None, accept: str) -> str:
    """What was chosen before, else what the browser prefers, else Korean."""
    if said in LANGUAGES:
        return said
    ranked = sorted((_ranked(part) for part in accept.split(",")), key=itemgetter(1), reverse=True)
    return next((language for language, quality in ranked if language in LANGUAGES and quality > 0), "ko")


def _ranked(part: str) -> tuple[str, float]:
    """The language of one part, whatever its country, and its quality; what is no quality counts as 0."""
    tag, *parameters = (text.strip().lower() for text in part.split(";"))
    said = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    return tag.partition("-")[0], float(said) if _QUALITY.fullmatch(said) else 0.0


@frozen
class Speaker:
    """Says everything in one language; money comes in the smallest unit of `currency`."""

    language: str
    currency: Currency

    def text(self, key: str, of: int | None = None, **facts: Any) -> str:
        """`of`: the price of what it is about. What is free has words of its own where the others speak of paying."""
        free = f"free_{key}"
        return texts()[free if of == 0 and self.has(free) else key][self.language].format_map(facts)

    def has(self, key: str) -> bool:
        return key in texts()

    def money(self, amount: int | None) -> str:
        return "–" if amount is None else self.currency.said(amount)

    def price(self, amount: int | None) -> str:
        return self.text("free") if amount == 0 else self.money(amount)

    def number(self, number: int | None) -> str:
        return "–" if number is None else format_decimal(number, locale=_LOCALES[self.language])

    def moment(self, said: str | None, how: str = "time") -> str:
        """A moment of the API, as it is in Korea."""
        at = read(said)
        if at is None:
            return "–"
        return format_datetime(at, _PATTERNS[self.language][how], tzinfo=KOREA, locale=_LOCALES[self.language])

    def ending(self, begins: str | None, ends: str) -> str:
        """When it ends; on the day on which it begins, the time alone, and within its year no year."""
        if self.moment(begins, "day") == self.moment(ends, "day"):
            return self.part(ends, "HH:mm")
        return self.moment(ends, "this year" if self.part(begins, "y") == self.part(ends, "y") else "time")

    def part(self, said: str | None, pattern: str) -> str:
        """A part of a moment, as Unicode's date patterns name it; nothing for none."""
        at = read(said)
        return "" if at is None else format_datetime(at, pattern, tzinfo=KOREA, locale=_LOCALES[self.language])


def read(said: str | None) -> datetime | None:
    """A moment as the API writes it, in Korea's time."""
    if not said:
        return None
    return korean(datetime.strptime(said, "%Y-%m-%dT%H:%M:%S.%f%z"))


def typed(said: str | None) -> str:
    """A moment as a form's field takes it."""
    at = read(said)
    return "" if at is None else at.strftime("%Y-%m-%dT%H:%M")


def meant(field: str) -> datetime | None:
    """What a form's field says: Korea's time, with seconds or without, and of a day its beginning, as people type where
    a browser has no such field. None: it is no moment.
    """
    try:
        at = datetime.fromisoformat(field)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=KOREA)


def sent(field: str) -> str | None:
    """The same for the API, which takes for UTC what has no offset. What is no moment goes as it is."""
    at = meant(field)
    return (field or None) if at is None else at.isoformat()


def past(said: str | None) -> bool:
    """Whether a moment of the API, if any, is over."""
    return over(read(said))


def over(at: datetime | None) -> bool:
    return at is not None and at < datetime.now(UTC)


def today() -> str:
    return now()[: len("2027-01-23")]


def now() -> str:
    """As the API takes it."""
    return datetime.now(KOREA).isoformat(timespec="seconds")
