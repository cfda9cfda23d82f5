"""Amounts as messages say them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import frozen


@frozen
class Currency:
    """What all prices are in: `code` in three capital letters; its smallest unit is the last of `decimals` places."""

    code: str
    decimals: int

    def said(self, amount: int, language: str) -> str:
        unit = "원" if (self.code, language) == ("KRW", "ko") else f" {self.code}"
        return f"{Decimal(amount).scaleb(-self.decimals)}{unit}"


KRW: Final = Currency("KRW", 0)
