"""The provider with nothing but a stub of Stripe behind it, and one charge of 1000."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from stripe import HTTPClient

from adapters.memory import MemoryDatabase, MemoryReferences
from adapters.providers.stripe_provider import StripeProvider
from adapters.system import RandomIds, SystemClock
from myticket_core.errors import InDoubt
from myticket_core.payment.ports import Repaid
from tests.services.stripe_stub import StripeStub

POST = "POST refunds"
CARD = "pm_card_visa"
SMALL, LARGE = 400, 501
"""Of 1000: of the large one Stripe refuses a second."""


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> StripeStub:
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0.01)
    return StripeStub()


@pytest.fixture
async def provider(stub: StripeStub) -> AsyncIterator[StripeProvider]:
    references = MemoryReferences(MemoryDatabase(SystemClock(), RandomIds()))
    async with stub.served() as url:
        it = StripeProvider("sk_test_1", "krw", references, url)
        yield it
        await it.close()


@pytest.fixture
async def charged(provider: StripeProvider) -> StripeProvider:
    await provider.charge("k", 1000, CARD)
    return provider


async def asked(provider: StripeProvider, amount: int, round: int = 1) -> Repaid | type[InDoubt]:
    try:
        return await provider.refund("k", amount, round)
    except InDoubt:
        return InDoubt


def keys(stub: StripeStub, of: str = "refund") -> list[str]:
    return [it for it in stub.done if of in it]
