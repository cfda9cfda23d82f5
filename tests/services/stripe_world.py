"""pay as it is composed, on a store of its own, with a stub of Stripe behind it."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import stripe
from attrs import define, field, frozen

from adapters.persistence import migrate
from adapters.rest import create_app
from adapters.system import RandomIds, SystemClock
from apps import places
from apps.composing import composed
from apps.settings import Settings
from myticket_core.access import EVERYTHING
from myticket_core.messages import Cause
from myticket_core.payment.approve import Approve
from myticket_core.payment.cancel import CancelPayment
from myticket_core.payment.model import Payment
from myticket_core.ports import Clock
from tests.services.stripe_stub import StripeStub

SECRET = "whsec_test"


@frozen
class Later:
    """The clock, some time later."""

    clock: Clock
    by: timedelta

    def now(self) -> datetime:
        return self.clock.now() + self.by

    async def sleep(self, duration: timedelta) -> None:
        await self.clock.sleep(duration)


class Nobody:
    async def principal(self, header: str | None) -> None:
        return None


@define
class StripeWorld:
    pay: Any
    client: httpx.AsyncClient
    stub: StripeStub
    _cases: int = field(default=0)

    async def charge(self, booking: int, method: str = "pm_card_visa", price: int = 1000) -> Payment:
        order = Approve(booking_id=booking, price=price, customer_id=1, company_id=1, ticket_id=1, method=method)
        kept = await self.pay.approve()(order, self.cause())
        payment: Payment = kept.state
        return payment

    async def cancel(self, booking: int, refund: int | None = None) -> None:
        await self.pay.cancel()(CancelPayment(booking_id=booking, reason="gone", refund=refund), self.cause())

    async def of(self, booking: int) -> Payment:
        payment: Payment = await self.pay.payments().of_booking(booking, EVERYTHING)
        return payment

    async def say(self, event: Any, **signing: Any) -> httpx.Response:
        body = json.dumps(event).encode()
        return await self.send(body, signed(body, **signing))

    async def send(self, body: bytes, signature: str | bytes | None, **headers: str) -> httpx.Response:
        told: dict[str, Any] = {"Content-Type": "application/json", **headers}
        told |= {} if signature is None else {"Stripe-Signature": signature}
        return await self.client.post("/webhooks/stripe", content=body, headers=told)

    async def said(self) -> list[str]:
        """What pay has told, in order."""
        return [it.type for it in await self.pay.outbox().pending(10_000)]

    def cause(self) -> Cause:
        self._cases += 1
        return Cause(id=f"cause-{self._cases}", correlation_id=f"case-{self._cases}")


def signed(body: bytes, secret: str = SECRET, age: int = 0) -> str:
    at = int(time.time()) - age
    header = stripe.WebhookSignature.generate_signature_header(body.decode(errors="replace"), secret, at)
    return str(header)


def event(id: str, kind: str, about: dict[str, Any]) -> dict[str, Any]:
    """As Stripe writes one, as far as anybody here reads it."""
    return {"id": id, "object": "event", "type": kind, "created": int(time.time()), "livemode": False,
            "data": {"object": about}}  # fmt: skip


@asynccontextmanager
async def stripe_world(folder: Path, secret: str | None = SECRET) -> AsyncIterator[StripeWorld]:
    stub = StripeStub()
    async with stub.served() as url:
        settings = Settings(
            data=folder,
            payment_provider="stripe",
            stripe_api_key="sk_test_1",
            stripe_url=url,
            stripe_webhook_secret=secret,
        )
        stores = places.stores(settings)
        for name in ("log", "pay"):
            migrate(stores[name], name)
        async with composed(settings, stores, ["pay"]) as made:
            api = made["pay"].api()
            app = create_app(api, tokens=Nobody(), ids=RandomIds(), clock=SystemClock(), public_url="http://pay")
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pay") as client:
                yield StripeWorld(made["pay"], client, stub)
