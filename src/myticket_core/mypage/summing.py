"""A ticket's money, from what its bookings' pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from myticket_core.mypage.model import BookingPage, OrganizerPage, TicketPage

OVER: Final = ("CANCELED", "EXPIRED")
WHERE: Final = {"CANCELED": "refunded", "CANCELING": "failed"}
"""Payment status → where what is to be given back is: payment tells CANCELING only of a refund that failed."""


def placed(status: str | None, payment_status: str, paid: int, back: int) -> Mapping[str, int]:
    """Where money that was paid is, by what its bookings have come to; `back` of it is to be given back, or was."""
    if payment_status == "APPROVED" and status not in OVER:
        return {"captured": paid, "kept": paid}
    return {"captured": paid, WHERE.get(payment_status, "pending"): back, "fees": paid - back}


def summed(ticket: TicketPage, bookings: Iterable[BookingPage]) -> OrganizerPage:
    sums: Counter[str] = Counter()
    for page in bookings:
        sums["booked"] += page.status == "BOOKED"
        sums["canceled"] += page.status == "CANCELED" and page.payment_status is not None
        if page.payment_status is not None:
            sums.update(placed(page.status, page.payment_status, page.price or 0, page.back))
    names = ("booked", "canceled", "captured", "kept", "pending", "refunded", "fees", "failed")
    return OrganizerPage(ticket=ticket, **{name: sums[name] for name in names})
