"""Where a payment is, and where each step leads it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    CANCELING = "CANCELING"  # the refund is due, under way, or has failed
    CANCELED = "CANCELED"
    VOID = "VOID"  # a tombstone: the booking is over, whatever approval comes later is refunded


class Step(StrEnum):
    APPROVE = "APPROVE"
    DECLINE = "DECLINE"
    CANCEL = "CANCEL"
    REFUND = "REFUND"


_S = Status
TABLE: Final[dict[tuple[Status, Step], Status]] = {
    (_S.REQUESTED, Step.APPROVE): _S.APPROVED,
    (_S.REQUESTED, Step.DECLINE): _S.DECLINED,
    (_S.REQUESTED, Step.CANCEL): _S.VOID,
    (_S.REQUESTED, Step.REFUND): _S.REQUESTED,
    (_S.APPROVED, Step.APPROVE): _S.APPROVED,
    (_S.APPROVED, Step.DECLINE): _S.APPROVED,
    (_S.APPROVED, Step.CANCEL): _S.CANCELING,
    (_S.APPROVED, Step.REFUND): _S.APPROVED,
    (_S.DECLINED, Step.APPROVE): _S.CANCELING,  # a charge we said had not been made is given back
    (_S.DECLINED, Step.DECLINE): _S.DECLINED,
    (_S.DECLINED, Step.CANCEL): _S.DECLINED,
    (_S.DECLINED, Step.REFUND): _S.DECLINED,
    (_S.CANCELING, Step.APPROVE): _S.CANCELING,
    (_S.CANCELING, Step.DECLINE): _S.CANCELING,
    (_S.CANCELING, Step.CANCEL): _S.CANCELING,
    (_S.CANCELING, Step.REFUND): _S.CANCELED,
    (_S.CANCELED, Step.APPROVE): _S.CANCELED,
    (_S.CANCELED, Step.DECLINE): _S.CANCELED,
    (_S.CANCELED, Step.CANCEL): _S.CANCELED,
    (_S.CANCELED, Step.REFUND): _S.CANCELED,
    (_S.VOID, Step.APPROVE): _S.CANCELING,
    (_S.VOID, Step.DECLINE): _S.VOID,
    (_S.VOID, Step.CANCEL): _S.VOID,
    (_S.VOID, Step.REFUND): _S.VOID,
}
"""Every status × step; the same status: nothing changes, nobody is told."""
