"""How amounts are counted in each currency: as Stripe does (docs.stripe.com/currencies), not always as ISO 4217 does.

An amount is charged and shown by the same count.
"""

from __future__ import annotations

from typing import Final

WHOLE: Final = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
"""In themselves; all others but THREE in hundredths, even where nobody has such coins: isk, rsd, ugx."""
THREE: Final = frozenset("bhd jod kwd omr tnd".split())
"""In thousandths."""
ROUNDED: Final = THREE | {"isk", "ugx"}
"""Of which Stripe takes some amounts only: those with zeros at the end. Fees in percent make others."""


def decimals(currency: str) -> int:
    """Of a currency, in three small letters."""
    if currency in WHOLE:
        return 0
    return 3 if currency in THREE else 2
