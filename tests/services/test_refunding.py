"""Money is given back for bookings that are lost, or over without pay having heard; never for one that is live."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from apps.failures import CannotRun
from apps.payments_refund import refund
from apps.settings import Settings
from myticket_core.access import EVERYTHING
from myticket_core.payment.approve import Approve
from myticket_core.payment.model import Payment, Status
from tests.services.test_doubts import CAUSE, PRICE, held, services, settings

__all__ = ["services", "settings"]
LOST = 90
WHY = "the booking was lost"


async def paid(services: Any, booking: int, customer: int = 1, ticket: int = 1) -> None:
    order = Approve(booking_id=booking, price=PRICE, customer_id=customer, ticket_id=ticket)
    await services["pay"].approve()(order, CAUSE)


async def settled(services: Any, booking: int) -> Payment:
    await services["pay"].settle()()
    payment: Payment = await services["pay"].payments().of_booking(booking, EVERYTHING)
    return payment


async def test_what_a_lost_booking_paid_goes_back_whole_and_its_buyer_is_told_why(
    services: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await paid(services, LOST)
    await refund(settings, [LOST], WHY)
    assert capsys.readouterr().out.startswith("1 on the way back")
    payment = await settled(services, LOST)
    assert (payment.status, payment.refund and payment.refund.amount) == (Status.CANCELED, PRICE)
    told = [it for it in await services["pay"].outbox().pending(100) if it.type == "PaymentCanceled"]
    assert [WHY in str(it) for it in told] == [True]


async def test_a_live_booking_keeps_its_payment(services: Any, settings: Settings) -> None:
    live = await held(services["book"], 1)
    await paid(services, live)
    with pytest.raises(CannotRun, match=r"PENDING: cancel the booking"):
        await refund(settings, [live], WHY)
    assert (await settled(services, live)).status is Status.APPROVED


@pytest.mark.parametrize("whose", [{"customer": 2}, {"ticket": 2}], ids=str)
async def test_a_number_that_is_another_bookings_by_now_holds_nothing_back(
    services: Any, settings: Settings, whose: dict[str, int]
) -> None:
    number = await held(services["book"], 1)
    await paid(services, number, **whose)
    await refund(settings, [number], WHY)
    assert (await settled(services, number)).status is Status.CANCELED


async def test_of_a_booking_that_is_over_and_pay_did_not_hear_so_goes_back_what_was_agreed(
    services: Any, settings: Settings
) -> None:
    over = await held(services["book"], 1)
    await paid(services, over)
    await services["book"].bookings().change(over, lambda it: (evolve(it.canceled("")[0], refund=900), ()), CAUSE)
    await refund(settings, [over], WHY)
    payment = await settled(services, over)
    assert (payment.status, payment.refund and payment.refund.amount) == (Status.CANCELED, 900)


async def test_what_cannot_be_given_back_is_named_and_the_others_are_given_back(
    services: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await paid(services, LOST)
    await paid(services, LOST + 1)
    await refund(settings, [LOST], WHY)
    await settled(services, LOST)
    capsys.readouterr()
    with pytest.raises(CannotRun) as failed:
        await refund(settings, [LOST, 7, LOST + 1], WHY)
    assert capsys.readouterr().out.startswith("1 on the way back")
    lines = str(failed.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"not given back, {LOST}: its payment is CANCELED")
    assert lines[1].startswith("not given back, 7: no payment of book 7")
    assert (await settled(services, LOST + 1)).status is Status.CANCELED
