"""A payment's row: its own members, then those of its refund."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import evolve

from adapters.persistence.kind import Flat
from adapters.persistence.schema.pay import PAYMENTS
from adapters.persistence.schema.types import micros_or_null, stored
from adapters.persistence.statements import Values
from myticket_core.payment.model import Payment, Refund, RefundStatus, Status

_PREFIX: Final = "refund_"
_COLUMNS: Final = [column for column in PAYMENTS.columns if column.name.startswith(_PREFIX)]
_NOTHING: Final = (None,) * len(_COLUMNS)
_DECODERS: Final = [
    (column.name.removeprefix(_PREFIX), kind.decode if (kind := stored(column.type)) else None) for column in _COLUMNS
]


class _Both:
    def __init__(self) -> None:
        alone = Flat(PAYMENTS, Payment, extra=len(_COLUMNS))
        self._payment, self._row = alone.reader(), alone.writer()

    def state(self, row: Sequence[Any]) -> Payment:
        payment = self._payment(row)
        if payment.status not in (Status.CANCELING, Status.CANCELED):
            return payment
        return evolve(payment, refund=_refund(payment, row[-len(_COLUMNS) :]))

    def row(self, payment: Payment) -> Values:
        it = payment.refund
        if it is None:
            return (*self._row(payment), *_NOTHING)
        due, since = map(micros_or_null, (it.due_at, it.since))
        values = (it.amount, it.status.value, it.round, it.attempts, due, it.reference, it.reason, since)
        return (*self._row(payment), *values)


def _refund(payment: Payment, values: Sequence[Any]) -> Refund:
    """Programs before this state machine cancel without saying a word of it, and give everything back."""
    members = {
        name: decode(value) if decode and value is not None else value
        for (name, decode), value in zip(_DECODERS, values, strict=True)
    }
    over = payment.status is Status.CANCELED
    if members["status"] is None or (over and members["status"] is not RefundStatus.SUCCEEDED):
        status = RefundStatus.SUCCEEDED if over else RefundStatus.REQUESTED
        return Refund(amount=payment.price or 0, status=status)
    return Refund(**members)


FLAT: Final = _Both()
