"""What must always hold (docs/invariants.md), checked over what the services have stored. Pure; changes nothing.

`violations` says what is wrong, `in_flight` what is not yet where it is going (and may explain a violation that is
gone at the next look), `summary` what was compared.
"""

from myticket_core.invariants.checks import CHECKS, violations
from myticket_core.invariants.finding import Check, Violation
from myticket_core.invariants.looking import InFlight, Summary, in_flight, summary
from myticket_core.invariants.rows import (
    AnswerRow,
    BookingPageRow,
    BookingRow,
    ChargeRow,
    LogRow,
    MoveRow,
    NotificationRow,
    OutboxRow,
    PaymentRow,
    SaleRow,
    Snapshot,
    TicketPageRow,
    TicketRow,
    WaitingRow,
)

__all__ = [
    "CHECKS",
    "AnswerRow",
    "BookingPageRow",
    "BookingRow",
    "ChargeRow",
    "Check",
    "InFlight",
    "LogRow",
    "MoveRow",
    "NotificationRow",
    "OutboxRow",
    "PaymentRow",
    "SaleRow",
    "Snapshot",
    "Summary",
    "TicketPageRow",
    "TicketRow",
    "Violation",
    "WaitingRow",
    "in_flight",
    "summary",
    "violations",
]
