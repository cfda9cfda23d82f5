"""What an operator sees of money in doubt, what becomes of a refund that was given up, and the figures of both."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from prometheus_client import CollectorRegistry

from apps import payments, places
from apps.composing import composed
from apps.doubt_figures import DoubtFigures
from apps.failures import CannotRun
from apps.settings import Settings
from myticket_core.access import EVERYTHING
from myticket_core.booking.policies import WHENEVER
from myticket_core.booking.sale import hold
from myticket_core.conformance.booking_store import pending
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause
from myticket_core.payment.approve import Approve
from myticket_core.payment.cancel import CancelPayment
from myticket_core.payment.model import RefundStatus, Status
from myticket_core.ticket.events import TicketRegistered
from tests.services.stores import put

CAUSE = Cause(id="c", correlation_id="c")
PRICE = 1000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, payment_timeout_seconds=timedelta(seconds=0.01))


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Any]:
    stores = places.stores(settings)
    for name in ("log", "ticket", "book", "pay"):
        put(settings.data, name)
    async with composed(settings, stores, ["book", "pay"]) as made:
        yield made


async def charged(pay: Any, booking: int, card: str) -> None:
    order = Approve(booking_id=booking, price=PRICE, customer_id=1, company_id=1, method=f"sandbox-{card}")
    await pay.approve()(order, CAUSE)


async def canceled(pay: Any, booking: int, refund: int | None = None) -> None:
    await pay.cancel()(CancelPayment(booking_id=booking, reason="gone", refund=refund), CAUSE)
    await pay.settle()()


async def held(book: Any, ticket: int) -> int:
    """A booking that nobody has heard the end of."""
    registered = TicketRegistered(id=ticket, version=1, company_id=1, price=PRICE, status="ON_SALE")
    for_sale = WHENEVER[TicketRegistered](registered)
    await book.consumer().handlers[type(for_sale)](for_sale, CAUSE)
    booking = evolve(pending(), ticket_id=ticket, created_at=datetime.now(UTC) - timedelta(minutes=1))
    kept = await book.bookings().hold(ticket, partial(hold, booking=booking, asked_price=None), CAUSE)
    return int(kept.state.id)


async def seen(settings: Settings, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    await payments.doubt(settings, as_json=True)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


async def test_where_all_is_well_nothing_is_in_doubt(
    services: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await charged(services["pay"], 1, "approve")
    await charged(services["pay"], 2, "approve")
    await canceled(services["pay"], 2)
    assert await seen(settings, capsys) == []
    await payments.doubt(settings, as_json=False)
    assert capsys.readouterr().out == "nothing is in doubt\n"


async def test_all_that_is_in_doubt_is_told_with_since_when_how_much_and_why(
    services: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    pay, began = services["pay"], datetime.now(UTC) - timedelta(seconds=1)
    for booking, card in ((2, "refund-pending"), (3, "refund-fails"), (4, "refund-timeout")):
        await charged(pay, booking, card)
    for booking in (2, 3):
        await canceled(pay, booking, refund=900)
    with pytest.raises(Exception, match="never answers"):
        await canceled(pay, 4)
    await charged(pay, 1, "timeout")
    found = {it["booking"]: it for it in await seen(settings, capsys)}
    told = {booking: (it["service"], it["what"], it["amount"]) for booking, it in found.items()}
    assert told == {
        1: ("pay", "charge", PRICE),
        2: ("pay", "refund PENDING", 900),
        3: ("pay", "refund FAILED", 900),
        4: ("pay", "refund REQUESTED", PRICE),
    }
    assert "not said yet whether it was charged" in found[1]["why"]
    assert "account of the sandbox card is closed" in found[3]["why"]
    assert "never answers" in found[4]["why"]
    assert all(began.isoformat() < it["since"] <= datetime.now(UTC).isoformat() for it in found.values())
    await payments.doubt(settings, as_json=False)
    assert "refund FAILED" in capsys.readouterr().out


async def test_a_booking_that_has_not_heard_of_its_payment_is_in_doubt_at_book(
    services: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    unheard, unasked = await held(services["book"], 1), await held(services["book"], 2)
    await charged(services["pay"], unheard, "approve")
    found = await seen(settings, capsys)
    assert [(it["service"], it["booking"], it["what"]) for it in found] == [("book", unheard, "booking PENDING")]
    assert "pay says APPROVED" in found[0]["why"]
    assert unasked not in {it["booking"] for it in found}


async def test_what_pay_knows_not_to_be_charged_is_in_no_doubt(
    services: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    pay, registry = services["pay"], CollectorRegistry()
    booking = await held(services["book"], 1)
    with pytest.raises(Unavailable):
        await charged(pay, booking, "unavailable")
    assert {it["service"] for it in await seen(settings, capsys)} == {"pay", "book"}
    await pay.payments().change(booking, lambda it, _: it.undoubted(it.doubt_until), CAUSE)
    assert await seen(settings, capsys) == []
    await services["book"].reconcile()()
    await DoubtFigures(registry, services).look()
    assert registry.get_sample_value("myticket_doubts", {"service": "book"}) == 0


async def test_what_was_given_up_is_made_in_another_round(
    services: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    pay = services["pay"]
    for booking in (1, 2):
        await charged(pay, booking, "refund-fails")
        await canceled(pay, booking)
    await payments.retry(settings, [1])
    assert capsys.readouterr().out.startswith("1 begun anew")
    with pytest.raises(CannotRun, match=r"7: no payment of book 7"):
        await payments.retry(settings, [1, 7])
    assert capsys.readouterr().out.startswith("0 begun anew")
    await pay.settle()()
    first, second = [await pay.payments().of_booking(id, EVERYTHING) for id in (1, 2)]
    assert (first.status, second.refund.status) == (Status.CANCELED, RefundStatus.FAILED)
    await payments.retry(settings, [])
    await pay.settle()()
    assert (await pay.payments().of_booking(2, EVERYTHING)).status is Status.CANCELED
    told = [it.type for it in await pay.outbox().pending(100)]
    assert (told.count("RefundFailed"), told.count("PaymentCanceled")) == (2, 2)


async def test_without_a_store_it_says_so(settings: Settings) -> None:
    with pytest.raises(CannotRun, match=r"there is no pay\.sqlite"):
        await payments.doubt(settings, as_json=True)


async def test_the_figures_of_it(services: Any) -> None:
    pay, registry = services["pay"], CollectorRegistry()
    figures = DoubtFigures(registry, services)

    def shown(name: str, of: str) -> float:
        labels = {"status" if of.isupper() else "service": of}
        value = registry.get_sample_value(f"myticket_{name}", labels)
        assert value is not None
        return value

    await figures.look()
    assert (shown("doubts", "pay"), shown("doubt_oldest_seconds", "pay"), shown("refunds", "FAILED")) == (0, 0, 0)
    await charged(pay, 2, "refund-fails")
    await canceled(pay, 2)
    await charged(pay, 1, "timeout")
    await pay.clock().sleep(timedelta(seconds=0.05))
    await figures.look()
    assert (shown("doubts", "pay"), shown("refunds", "FAILED"), shown("refunds", "PENDING")) == (1, 1, 0)
    assert 0.05 <= shown("doubt_oldest_seconds", "pay") < 60
    assert 0.05 <= shown("refund_oldest_seconds", "FAILED") < 60
    await payments.retry(pay.settings(), [])
    await pay.settle()()
    await figures.look()
    assert (shown("refunds", "FAILED"), shown("refund_oldest_seconds", "FAILED")) == (0, 0)


async def test_the_figures_of_book_count_who_has_not_heard_and_not_who_waits_in_line(services: Any) -> None:
    book, registry = services["book"], CollectorRegistry()
    unheard, in_line = await held(book, 1), await held(book, 2)
    now = book.clock().now()
    await book.bookings().change(in_line, lambda it: it.unheard_of(now), CAUSE)
    await DoubtFigures(registry, services).look()
    of_book = {"service": "book"}
    assert registry.get_sample_value("myticket_doubts", of_book) == 1
    assert 60 <= (registry.get_sample_value("myticket_doubt_oldest_seconds", of_book) or 0) < 120
    assert unheard != in_line


async def test_one_in_doubt_is_counted_behind_more_in_line_than_are_read_at_once(
    services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.everything.AT_ONCE", 2)
    book, registry = services["book"], CollectorRegistry()
    bookings = [await held(book, buyer) for buyer in range(1, 6)]
    now = book.clock().now()
    for id in bookings[:-1]:
        await book.bookings().change(id, lambda it: it.unheard_of(now), CAUSE)
    await DoubtFigures(registry, services).look()
    assert registry.get_sample_value("myticket_doubts", {"service": "book"}) == 1


async def test_whom_pay_has_never_heard_of_is_in_no_doubt_an_offer_say(services: Any) -> None:
    book, registry = services["book"], CollectorRegistry()
    offered = await held(book, 1)
    book.again().unanswered(offered, book.clock().now())
    await DoubtFigures(registry, services).look()
    assert registry.get_sample_value("myticket_doubts", {"service": "book"}) == 0
