"""Amounts on pages are what the provider charges: counted by the same table."""

from __future__ import annotations

import pytest

from adapters.providers.currencies import decimals
from adapters.web.language import Speaker


@pytest.mark.parametrize("currency, amount, shown", [
    ("krw", 15000, "₩15,000"),
    ("jpy", 15000, "¥15,000"),
    ("usd", 1050, "$10.50"),
    ("usd", 2**53 - 1, "$90,071,992,547,409.91"),
    ("rsd", 15050, "RSD150.50"),
    ("isk", 500, "ISK5.00"),
    ("ugx", 500, "UGX5.00"),
    ("lbp", 500, "LBP5.00"),
    ("mga", 500, "MGA500"),
    ("kwd", 5120, "KWD5.120"),
])  # fmt: skip
def test_an_amount_has_the_decimals_by_which_it_is_charged(currency: str, amount: int, shown: str) -> None:
    assert Speaker("en", currency.upper(), decimals(currency)).money(amount) == shown
