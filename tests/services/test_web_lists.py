"""Lists of the pages: how one looks through them, where they end, and that one stays where one was."""

from __future__ import annotations

import re

import pytest

from adapters.providers.currencies import decimals
from myticket_core.money import Currency
from tests.services.web_world import WebWorld


@pytest.mark.parametrize("code, told", [("usd", True), ("krw", False)])
async def test_who_looks_for_a_price_is_told_how_it_is_counted(code: str, told: bool) -> None:
    world = WebWorld()
    world.changed(currency=Currency(code.upper(), decimals(code)))
    async with world.browsing() as browser:
        page = await browser.see("/tickets", priceTo="19.99")
        assert ("Prices in the smallest unit of the currency: 1999 is $19.99." in browser.text) is told
        described = re.findall(r'name="(price\w+)"[^>]*aria-describedby="price-hint"', page.text)
        assert described == (["priceFrom", "priceTo"] if told else [])


async def test_filters_are_open_when_something_is_filtered_and_else_in_nobodys_way() -> None:
    async with WebWorld().browsing() as browser:
        page = await browser.see("/tickets", text="jazz", order="soon", priceTo="", to="", **{"from": ""})
        assert "<details>" in page.text
        for name, value in (("order", "cheap"), ("priceTo", "20000"), ("available", "1")):
            assert "<details open>" in (await browser.see("/tickets", **{name: value})).text, name
