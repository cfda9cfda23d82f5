"""What all prices are in: the pages and the messages say it alike, by how the provider counts it."""

from __future__ import annotations

from adapters.providers.currencies import decimals
from apps.settings import Settings
from myticket_core.money import Currency


def currency(settings: Settings) -> Currency:
    return Currency(settings.payment_currency.upper(), decimals(settings.payment_currency))
