"""Amounts on pages are what the provider charges: counted by the same table, and said as messages say them."""

from __future__ import annotations

import pytest

from adapters.providers.currencies import decimals
from adapters.web.language import Speaker
from myticket_core.money import Currency
from myticket_core.notification.letter import LANGUAGES


@pytest.mark.parametrize("currency, amount, shown", [
    ("krw", 15000, "₩15,000"),
    ("jpy", 15000, "¥15,000"),
    ("usd", 1050, "$10.50"),
    ("usd", 2**53 - 1, "$90,071,992,547,409.91"),
    ("rsd", 15050, "RSD 150.50"),
    ("isk", 500, "ISK 5.00"),
    ("ugx", 500, "UGX 5.00"),
    ("lbp", 500, "LBP 5.00"),
    ("mga", 500, "MGA 500"),
    ("kwd", 5120, "KWD 5.120"),
])  # fmt: skip
def test_an_amount_has_the_decimals_by_which_it_is_charged(currency: str, amount: int, shown: str) -> None:
    prices = Currency(currency.upper(), decimals(currency))
    assert {Speaker(language, prices).money(amount) for language in LANGUAGES} == {shown} == {prices.said(amount)}
