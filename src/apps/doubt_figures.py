"""How much money is in doubt, and what is on its way back, as figures for /metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge

from apps.everything import everything
from myticket_core.payment.model import RefundStatus

MOST: Final = 10_000
"""As many are looked at, whoever of them is only waiting: where there are more it is bad enough."""
UNDONE: Final = (RefundStatus.REQUESTED, RefundStatus.PENDING, RefundStatus.FAILED)


class DoubtFigures:
    def __init__(self, registry: CollectorRegistry, containers: Mapping[str, Any]) -> None:
        def gauge(name: str, about: str, label: str) -> Gauge:
            return Gauge(name, about, (label,), registry=registry)

        self._containers = containers
        about = "Payments the service does not know the end of: see `myticket payments doubt`"
        self._doubts = gauge("myticket_doubts", about, "service")
        self._oldest = gauge("myticket_doubt_oldest_seconds", "Since the oldest of them was asked for", "service")
        self._refunds = gauge("myticket_refunds", "Refunds that are not done; FAILED: somebody has to act", "status")
        self._waiting = gauge("myticket_refund_oldest_seconds", "Since the oldest of them is due", "status")

    async def look(self) -> None:
        if "book" in self._containers:
            await self._of_book(self._containers["book"])
        if "pay" in self._containers:
            await self._of_pay(self._containers["pay"])

    async def _of_book(self, book: Any) -> None:
        """Bookings of which it is not known whether they are paid. For those in line nothing was charged, nor for those
        that pay was asked about in vain: their buyers were told to pay, or offered a seat.
        """
        now, silent = book.clock().now(), book.again().silent
        pending = await everything(partial(book.bookings().pending, now - _patience(book)), MOST)
        self._tell("book", [it.created_at for it in pending if it.due_from is None and not silent(it.id)], now)

    async def _of_pay(self, pay: Any) -> None:
        troubled, now = await everything(pay.payments().troubled, MOST), pay.clock().now()
        asked = [it.asked_at for it in troubled if it.refund is None and it.asked_at]
        self._tell("pay", [at for at in asked if at < now - _patience(pay)], now)
        refunds = [it.refund for it in troubled if it.refund is not None]
        numbers = Counter(refund.status for refund in refunds)
        for status in UNDONE:
            self._refunds.labels(status.value).set(numbers[status])
            since = (refund.since for refund in refunds if refund.status is status and refund.since)
            self._waiting.labels(status.value).set(_age(since, now))

    def _tell(self, service: str, since: Sequence[datetime], now: datetime) -> None:
        self._doubts.labels(service).set(len(since))
        self._oldest.labels(service).set(_age(since, now))


def _patience(container: Any) -> timedelta:
    patience: timedelta = container.settings().payment_timeout_seconds
    return patience


def _age(moments: Iterable[datetime], now: datetime) -> float:
    """Seconds; 0: there are none."""
    return max(timedelta(0), now - min(moments, default=now)).total_seconds()
