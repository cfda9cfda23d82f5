"""Sums of money that are exact whatever they come to: of amounts up to 2^53 - 1, some thousand are beyond 64 bits.

Databases refuse such a sum, and the pages of everybody that are read with it. So each amount is added up in two parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, TextClause, cast, func, literal_column

_PART: Final = 2**26
_OF_PART: Final[ColumnElement[int]] = literal_column(str(_PART), BigInteger)


def summed(amount: ColumnElement[Any], condition: TextClause | None = None) -> Sequence[ColumnElement[int]]:
    """The columns of a sum, over the rows of which the condition is true; `whole` reads them."""
    parts = [func.sum(part) for part in (amount // _OF_PART, amount % _OF_PART)]
    narrowed = parts if condition is None else [part.filter(condition) for part in parts]
    return [cast(func.coalesce(part, 0), BigInteger) for part in narrowed]


def whole(columns: Sequence[int]) -> Sequence[int]:
    """The sums that these columns of `summed` come to, one after the other."""
    return [int(upper) * _PART + int(lower) for upper, lower in zip(columns[::2], columns[1::2], strict=True)]
