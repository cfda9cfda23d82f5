"""Column types that say how a value lies in its row: the rows are made and read here, not by SQLAlchemy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Boolean, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from myticket_core.values import EPOCH

Number: Final = BigInteger().with_variant(Integer, "sqlite")
"""Up to 2^53; under SQLite's own name, so that a primary key of it is the row's own number."""

_in_json: Final = msgspec.json.Encoder().encode
_of_json: Final = msgspec.json.Decoder().decode
_MICROSECOND: Final = timedelta(microseconds=1)


class Stored(TypeDecorator[Any]):
    """A type with `encode` and `decode`, both for values that are not None."""

    impl: Any = Text
    cache_ok = True

    def encode(self, value: Any) -> Any:
        raise NotImplementedError

    def decode(self, value: Any) -> Any:
        raise NotImplementedError


class Moment(Stored):
    """An aware datetime as microseconds since 1970 UTC: exact, sortable, the same in every database."""

    impl = BigInteger
    cache_ok = True

    def encode(self, value: datetime) -> int:
        return micros(value)

    def decode(self, value: int) -> datetime:
        return moment(value)


class Flag(Stored):
    """True or false, which SQLite's driver gives back as a number."""

    impl = Boolean
    cache_ok = True

    def encode(self, value: bool) -> bool:
        return value

    def decode(self, value: Any) -> bool:
        return bool(value)


class Word(Stored):
    """A member of an enumeration, by its value."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__(20)
        self.words = words
        self._members = {word.value: word for word in words}

    def decode(self, value: str) -> StrEnum:
        return self._members[value]

    def encode(self, value: StrEnum) -> str:
        return value.value


class Json(Stored):
    """JSON as text, the same text for the same document."""

    cache_ok = True

    def encode(self, value: Mapping[str, Any]) -> str:
        return _in_json(value).decode()

    def decode(self, value: str) -> Any:
        return _of_json(value)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    return EPOCH + micros * _MICROSECOND


def micros_or_null(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def moment_or_null(micros: int | None) -> datetime | None:
    return None if micros is None else moment(micros)


def stored(type: TypeEngine[Any]) -> Stored | None:
    """The type as one that converts; None when its values lie in the row as they are."""
    return type if isinstance(type, Stored) else None
