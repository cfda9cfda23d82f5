"""Amounts as people read them: in messages and on pages, in Korean and in English alike."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import frozen

_SIGNS: Final[Mapping[str, str]] = {"KRW": "₩", "USD": "$", "EUR": "€", "JPY": "¥", "GBP": "£"}
"""Those that are read as this currency and no other; the rest go by their code."""


@frozen
class Currency:
    """What all prices are in: `code` in three capital letters; its smallest unit is the last of `decimals` places."""

    code: str
    decimals: int

    def said(self, amount: int) -> str:
        """An amount of the smallest unit: ₩15,000, $15.00, KWD 1.500."""
        return f"{_SIGNS.get(self.code, f'{self.code} ')}{Decimal(amount).scaleb(-self.decimals):,}"


KRW: Final = Currency("KRW", 0)
