"""Whenever … then …: everything that a page shows is projected."""

from __future__ import annotations

from typing import Any, Final

from myticket_core.booking.events import BookCanceled, Booked, PaymentDue
from myticket_core.mypage.project import Project
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.reacting import Whenever
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered


def _project(said: Any) -> Project:
    return Project(event=said)


WHENEVER: Final[Whenever] = dict.fromkeys(
    (
        Booked,
        PaymentDue,
        BookCanceled,
        PaymentApproved,
        PaymentCanceled,
        RefundFailed,
        TicketRegistered,
        TicketChanged,
        TicketDeleted,
    ),
    _project,
)
