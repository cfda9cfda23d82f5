"""Booking asks the real pay service over a real socket: who is let in, on what terms, in which case."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta

from attrs import evolve
from structlog.testing import capture_logs

from adapters.rest import TrustedMesh
from adapters.rest.client_payments import HttpPayments
from myticket_core.access import Role
from myticket_core.booking.ports import Approved, Unknown
from myticket_core.conformance.payments import held
from tests.services.fixed_token import FixedToken
from tests.services.rest_world import World
from tests.services.served import served
from tests.services.test_http_payments import later, outcome_of

BOOKING = evolve(held(21), correlation_id="case-1")


@asynccontextmanager
async def asking(world: World, token: str | None, timeout: timedelta = timedelta(seconds=5)):
    async with served(world.app) as url:
        credential = None if token is None else FixedToken(token)
        payments = HttpPayments(url, timeout, credential)
        try:
            yield payments
        finally:
            await payments.close()


def token(world: World, role: Role) -> str:
    return world.issuer.token(role, customer_id=1 if role is Role.CUSTOMER else None)


async def test_the_book_service_is_let_in_and_charges_once():
    world = World()
    async with asking(world, token(world, Role.SERVICE)) as payments:
        assert [await payments.request(BOOKING) for _ in range(2)] == [Approved(1)] * 2
    assert world.provider.amounts == {"booking-21": 15000}


async def test_what_follows_from_a_charge_belongs_to_the_bookings_case():
    world = World()
    async with asking(world, token(world, Role.SERVICE)) as payments:
        await payments.request(BOOKING)
    assert [envelope.correlation_id for envelope in world.dbs["pay"].outbox.values()] == ["case-1"]


async def test_nobody_else_is_and_the_log_says_what_to_look_at():
    world = World()
    for shown in (None, token(world, Role.CUSTOMER), "nonsense"):
        async with asking(world, shown) as payments:
            with capture_logs() as lines:
                assert await outcome_of(payments.request(BOOKING)) == later()
        errors = [line["event"] for line in lines if line["log_level"] == "error"]
        assert len(errors) == 1
        assert "OIDC_CLIENT_ID" in errors[0]
    assert world.provider.amounts == {}


async def test_a_mesh_that_is_trusted_wants_no_token():
    world = World(tokens=TrustedMesh())
    async with asking(world, None) as payments:
        assert await payments.request(BOOKING) == Approved(1)
        assert await payments.find(BOOKING) == Approved(1)


async def test_a_payment_on_other_terms_is_none_of_the_booking():
    world = World()
    async with asking(world, token(world, Role.SERVICE)) as payments:
        await payments.request(BOOKING)
        dearer = evolve(BOOKING, price=20_000)
        assert await outcome_of(payments.request(dearer)) == ("another_payment", {"price": 15000})
        assert await payments.find(dearer) == Unknown()
    assert world.provider.amounts == {"booking-21": 15000}
