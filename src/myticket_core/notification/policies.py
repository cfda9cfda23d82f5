"""Whenever … then …: everything that people want to hear of is composed into messages."""

from __future__ import annotations

from typing import Final

from myticket_core.booking.events import BookCanceled, Booked, PaymentDue, WaitingEnded
from myticket_core.messages import Event
from myticket_core.notification.compose import Compose
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.reacting import Whenever
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered


def _compose(said: Event) -> Compose:
    return Compose(event=said)


WHENEVER: Final[Whenever] = dict.fromkeys(
    (
        Booked,
        PaymentDue,
        BookCanceled,
        WaitingEnded,
        PaymentApproved,
        PaymentCanceled,
        RefundFailed,
        TicketRegistered,
        TicketChanged,
        TicketDeleted,
    ),
    _compose,
)
