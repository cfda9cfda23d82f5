"""The terms a ticket is sold on: booking's own copy of what the ticket context says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve, field, frozen

from myticket_core.booking.model import Booking, BookingId
from myticket_core.values import moment


def _percent(said: int | None) -> int:
    """What others say may be anything; nobody keeps more than everything."""
    return min(max(said or 0, 0), 100)


@frozen(kw_only=True)
class Terms:
    """The terms a ticket is sold on, in `version`, as the ticket context says. Price None: not known (yet).

    Buyers may cancel until `cancel_until` (None: at any time), for `cancel_fee_percent` of the price.
    """

    company_id: int | None
    price: int | None
    capacity: int | None
    name: str | None = None
    ends: datetime | None = None
    cancel_until: datetime | None = None
    cancel_fee_percent: int = field(default=0, converter=_percent)
    version: int | None = None

    @classmethod
    def of(cls, said: object, version: int | None) -> Terms:
        """From TicketRegistered, TicketChanged or a ticket's copy, which have the same members."""
        names = ("company_id", "price", "capacity", "name", "cancel_fee_percent")
        dates = {"ends": "end_date", "cancel_until": "cancel_until"}
        members: dict[str, Any] = {name: getattr(said, name) for name in names}
        members |= {name: moment(getattr(said, date)) for name, date in dates.items()}
        return cls(**members, version=version)

    @property
    def cancel_fee(self) -> int:
        """In whole units, never more than the percentage."""
        return (self.price or 0) * self.cancel_fee_percent // 100


def on_terms(booking: Booking, id: BookingId, terms: Terms) -> Booking:
    """The booking, numbered, as the ticket is sold now."""
    return evolve(
        booking,
        id=id,
        price=terms.price or 0,
        company_id=terms.company_id,
        cancel_until=terms.cancel_until,
        cancel_fee=terms.cancel_fee,
    )
