"""Until when a page looks again by itself: news come one by one, and the last of it must not be missed."""

from __future__ import annotations

import pytest

from adapters.web.bookings import unsettled as booking
from adapters.web.deleting import unsettled as deletion

PAID = {"status": "BOOKED", "paymentId": 3}
CANCELED = {"status": "CANCELED", "paymentId": 3}


@pytest.mark.parametrize("booked, heard, goes_on", [
    ({"status": "PENDING", "paymentId": None}, None, True),
    (PAID, None, True),
    (PAID, ("BOOKED", None), True),
    (PAID, (None, "APPROVED"), True),
    (PAID, ("BOOKED", "APPROVED"), False),
    (CANCELED, ("BOOKED", "APPROVED"), True),
    (CANCELED, ("CANCELED", None), True),
    (CANCELED, ("CANCELED", "APPROVED"), True),
    (CANCELED, ("CANCELED", "CANCELING"), True),
    (CANCELED, ("CANCELED", "CANCELED"), False),
    ({"status": "CANCELED", "paymentId": None}, ("CANCELED", None), False),
    ({"status": "EXPIRED", "paymentId": None}, ("EXPIRED", None), False),
    ({"status": "DECLINED", "paymentId": None}, None, False),
], ids=lambda it: None if isinstance(it, bool) else str(it))  # fmt: skip
def test_a_booking_is_looked_at_until_everything_of_it_was_heard(booked, heard, goes_on) -> None:
    shown = None if heard is None else {"status": heard[0], "paymentStatus": heard[1]}
    assert booking(booked, shown) is goes_on


@pytest.mark.parametrize("status, heard, goes_on", [
    ("preview", (0, 0), True),
    ("running", (2, 0), True),
    ("over", (2, 0), True),
    ("over", (0, 30_000), True),
    ("over", (0, 0), False),
    ("over", None, False),
])  # fmt: skip
def test_a_deletion_is_followed_until_the_last_refund_was_heard(status, heard, goes_on) -> None:
    page = None if heard is None else {"booked": heard[0], "pending": heard[1]}
    assert deletion({"status": status}, page) is goes_on
