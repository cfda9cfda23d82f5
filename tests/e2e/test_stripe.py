"""The whole system with Stripe behind it: a stub that charges, refuses, loses answers and makes refunds wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define

from apps.audit import _settled
from apps.places import SERVICES
from apps.running import running
from apps.settings import Settings
from apps.tokens import issue
from tests.services.stripe_stub import StripeStub
from tests.services.stripe_world import SECRET, event, signed

URL = "http://myticket.example"
SOON = 30.0


@define
class Town:
    client: httpx.AsyncClient
    settings: Settings
    stub: StripeStub

    async def ask(self, role: str, method: str, path: str, body: Any = None) -> httpx.Response:
        company, customer = (1, None) if role == "organizer" else (None, 1)
        token = issue(self.settings, role, company, customer, 600)
        return await self.client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})

    async def book(self, ticket: int, method: str | None) -> httpx.Response:
        return await self.ask("customer", "POST", "/books", {"ticketId": ticket, "paymentMethod": method})

    async def page(self, booking: int) -> dict[str, Any]:
        answer = await self.ask("customer", "GET", f"/mypages/{booking}")
        return dict(answer.json()) if answer.is_success else {}

    async def until(self, booking: int, **members: Any) -> dict[str, Any]:
        async with asyncio.timeout(SOON):
            while not (page := await self.page(booking)).items() >= members.items():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return page


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    stub = StripeStub()
    async with stub.served() as stripe:
        settings = Settings(
            data=tmp_path,
            payment_provider="stripe",
            stripe_api_key="sk_test_1",
            stripe_url=stripe,
            stripe_webhook_secret=SECRET,
        )
        async with running(settings, SERVICES, URL) as it, _asking(it.app) as client:
            yield Town(client, settings, stub)
        found = await _settled(settings)
        assert (list(found.wrong), [it for it in found.unchecked if "charges" in it] != []) == ([], True)


def _asking(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL)


async def test_what_buyers_pay_and_get_back_goes_over_stripe(town: Town) -> None:
    ends = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    terms = {"price": 10_000, "capacity": 10, "cancelFeePercent": 10, "endDate": ends}
    ticket = (await town.ask("organizer", "POST", "/tickets", terms)).json()
    number = int(ticket["_links"]["self"]["href"].rpartition("/")[2])
    paid, refused, unnamed = [await town.book(number, it) for it in ("pm_card_visa", "pm_declined", None)]
    assert (paid.status_code, refused.status_code, unnamed.status_code) == (201, 402, 402)
    assert "declined" in refused.json()["detail"]
    lost, waits = [await town.book(number, it) for it in ("pm_lost", "pm_refund_pending")]
    assert (lost.status_code, lost.json()["code"], waits.status_code) == (202, "payment_pending", 201)
    await town.until(lost.json()["id"], status="BOOKED", paymentStatus="APPROVED")
    booking = waits.json()["id"]
    assert (await town.ask("customer", "DELETE", f"/books/{booking}")).status_code == 204
    await town.until(booking, status="CANCELED", paymentStatus="APPROVED", refund=9000)
    body = _json(event("evt_1", "refund.updated", {**await _refund(town.stub), "status": "succeeded"}))
    heard = await town.client.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": signed(body)})
    assert heard.status_code == 200
    await town.until(booking, paymentStatus="CANCELED", refund=9000)
    organizer = (await town.ask("organizer", "GET", f"/guestManagementPages/{number}")).json()
    sums = {name: organizer[name] for name in ("captured", "kept", "pending", "refunded", "fees", "failed")}
    assert sums == {"captured": 30_000, "kept": 20_000, "pending": 0, "refunded": 9000, "fees": 1000, "failed": 0}
    assert sorted(town.stub.kept(intent) for intent in town.stub.confirmed) == [1000, 10_000, 10_000]
    told = (await town.ask("customer", "GET", "/notifications?sort=id,desc")).json()["_embedded"]["notifications"]
    assert "Of the ₩10,000 paid" in told[0]["message"]


def _json(said: Any) -> bytes:
    return httpx.Request("POST", URL, json=said).content


async def _refund(stub: StripeStub) -> dict[str, Any]:
    async with asyncio.timeout(SOON):
        while not stub.refunds:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return next(iter(stub.refunds.values()))
