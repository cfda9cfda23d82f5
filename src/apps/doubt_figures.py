"""How much money is in doubt, and what is on its way back, as figures for /metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge

from myticket_core.payment.model import PaymentId, RefundStatus

MOST: Final = 1000
"""As many are looked at: where there are more it is bad enough."""
UNDONE: Final = (RefundStatus.REQUESTED, RefundStatus.PENDING, RefundStatus.FAILED)


class DoubtFigures:
    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(name, about, labels, registry=registry)

        self._doubts = gauge("myticket_doubts", "Payments nobody knows the end of: see `myticket payments doubt`")
        self._oldest = gauge("myticket_doubt_oldest_seconds", "Since the oldest of them was asked for")
        self._refunds = gauge("myticket_refunds", "Refunds that are not done; FAILED: somebody has to act", "status")
        self._waiting = gauge("myticket_refund_oldest_seconds", "Since the oldest of them is due", "status")

    async def look(self, pay: Any) -> None:
        """`pay` is its container."""
        troubled, now = await pay.payments().troubled(PaymentId(0), MOST), pay.clock().now()
        patience = pay.settings().payment_timeout_seconds
        asked = [it.asked_at for it in troubled if it.refund is None and it.asked_at and it.asked_at < now - patience]
        self._doubts.set(len(asked))
        self._oldest.set(_age(asked, now))
        refunds = [it.refund for it in troubled if it.refund is not None]
        numbers = Counter(refund.status for refund in refunds)
        for status in UNDONE:
            self._refunds.labels(status.value).set(numbers[status])
            since = (refund.since for refund in refunds if refund.status is status and refund.since)
            self._waiting.labels(status.value).set(_age(since, now))


def _age(moments: Iterable[datetime], now: datetime) -> float:
    """Seconds; 0: there are none."""
    return max(timedelta(0), now - min(moments, default=now)).total_seconds()
