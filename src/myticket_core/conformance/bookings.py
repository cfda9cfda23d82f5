"""Any store of bookings. Subclass BookingsConformance; `new` gives a BookingStore."""

from __future__ import annotations

from myticket_core.conformance.booking_buyers import Buying
from myticket_core.conformance.booking_changes import Changing
from myticket_core.conformance.booking_checkins import CheckingIn
from myticket_core.conformance.booking_holds import Holding, Racing
from myticket_core.conformance.booking_judges import Judging
from myticket_core.conformance.booking_keys import ChangingOnce
from myticket_core.conformance.booking_lists import Listing
from myticket_core.conformance.booking_recovery import Recovering
from myticket_core.conformance.booking_store import BookingStore
from myticket_core.conformance.booking_tolls import Tolls

__all__ = ["BookingStore", "BookingsConformance"]


class BookingsConformance(
    Holding, Racing, Buying, Changing, Judging, ChangingOnce, Listing, Tolls, CheckingIn, Recovering
):
    """All that a store of bookings guarantees."""
