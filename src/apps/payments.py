"""`myticket payments`: money of which it is not known yet where it is, and refunds that were given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import attrs
import click
from attrs import frozen

from adapters.persistence import SqlBookings, SqlPaymentBook
from adapters.system import RandomIds
from apps import places
from apps.command_stores import opened
from apps.everything import everything
from apps.failures import CannotRun
from apps.printing import table, to_json, written
from apps.settings import Settings
from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking
from myticket_core.errors import MyticketError, NotFound
from myticket_core.messages import Cause
from myticket_core.payment.model import Payment, RefundStatus, Status
from myticket_core.payment.retry import RefundRetrier, RetryRefund


@frozen
class Doubt:
    """Of which booking, whose money is `amount`; `since` None: from before that was noted."""

    service: str
    booking: int
    payment: int | None
    what: str
    since: datetime | None
    amount: int | None
    why: str


async def doubt(settings: Settings, as_json: bool) -> None:
    """Raises CannotRun, Unavailable, StoreError when a store cannot be read."""
    stores = places.stores(settings)
    async with (
        opened(settings, stores, "pay", read_only=True) as (pay, _),
        opened(settings, stores, "book", read_only=True) as (book, clock),
    ):
        payments = SqlPaymentBook(pay)
        found = [of_payment(it) for it in await everything(payments.troubled)]
        before = clock.now() - settings.payment_timeout_seconds
        pending = [it for it in await everything(partial(SqlBookings(book).pending, before)) if it.due_from is None]
        found += [it for booking in pending if (it := await _of_booking(booking, payments))]
    _tell(found, as_json)


def _tell(found: Sequence[Doubt], as_json: bool) -> None:
    if as_json:
        to_json([_in_json(it) for it in found])
    elif found:
        table([it.name for it in attrs.fields(Doubt)], [_row(it) for it in found])
    else:
        click.echo("nothing is in doubt")


async def retry(settings: Settings, bookings: Sequence[int]) -> None:
    """Have the failed refunds of these bookings made, or all. Raises CannotRun: some could not be begun anew."""
    failed = list[str]()
    async with opened(settings, places.stores(settings), "pay") as (store, _):
        payments, begun = SqlPaymentBook(store), 0
        for id in bookings or [it.booking_id for it in await everything(payments.troubled) if _given_up(it)]:
            cause = Cause(id=RandomIds().new(), correlation_id=f"retry-{id}")
            try:
                await RefundRetrier(payments)(RetryRefund(booking_id=id), cause)
            except MyticketError as error:
                failed.append(f"{id}: {error}")
            else:
                begun += 1
    click.echo(f"{begun} begun anew; pay makes them as it runs")
    if failed:
        raise CannotRun("\n".join(f"not begun, {line}" for line in failed))


def of_payment(payment: Payment) -> Doubt:
    """A payment that is in doubt, or whose refund is not done."""
    refund = payment.refund
    if refund is None:
        asked = "the provider has not said yet whether it was charged"
        over = "; the booking is over: what was charged goes back" if payment.status is Status.VOID else ""
        what, since, amount = "charge", payment.asked_at, payment.price
        return Doubt("pay", payment.booking_id, payment.id, what, since, amount, asked + over)
    why = refund.reason or _WAITING[refund.status]
    what = f"refund {refund.status}"
    return Doubt("pay", payment.booking_id, payment.id, what, refund.since, refund.amount, why)


_WAITING: Final = {
    RefundStatus.REQUESTED: "the provider is to be asked",
    RefundStatus.PENDING: "the provider has taken it on",
    RefundStatus.SUCCEEDED: "it is done",
    RefundStatus.FAILED: "given up",
}


def _given_up(payment: Payment) -> bool:
    return payment.refund is not None and payment.refund.status is RefundStatus.FAILED


async def _of_booking(booking: Booking, payments: SqlPaymentBook) -> Doubt | None:
    """One that waits for longer than book waits for pay, although it was asked for."""
    try:
        payment = await payments.of_booking(booking.id, EVERYTHING)
    except NotFound:
        return None  # nobody asked for the money: its buyer may pay it later
    if payment.uncharged:
        return None  # so they may here
    why = f"it has not heard yet what became of its payment: pay says {payment.status}"
    return Doubt("book", booking.id, payment.id, "booking PENDING", booking.created_at, booking.price, why)


def _row(it: Doubt) -> tuple[object, ...]:
    return (it.service, it.booking, it.payment, it.what, written(it.since), it.amount, it.why)


def _in_json(it: Doubt) -> dict[str, Any]:
    return attrs.asdict(it) | {"since": written(it.since)}
