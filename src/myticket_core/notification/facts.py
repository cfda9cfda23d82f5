"""What an event comes to, for people: which words it is told in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from myticket_core.booking.events import WAITED, BookCanceled, PaymentDue
from myticket_core.messages import Event
from myticket_core.payment.events import PaymentCanceled

OF_FREE: Final[Mapping[str, str]] = {
    "PaymentApproved": "FreeBooked",
    "PaymentDue": "FreeDue",
    "SeatOffered": "FreeOffered",
    "BookExpired": "FreeExpired",
    "PaymentCanceled": "FreeOver",
    "LateMoney": "FreeOver",
}
"""Where nothing is paid, nobody is told of a payment."""


def come_to(event: Event) -> str:
    fact = _fact(event)
    return OF_FREE.get(fact, fact) if getattr(event, "price", None) == 0 else fact


def _fact(event: Event) -> str:
    """Of a payment that begins with its refund nobody has heard before, nor its organizer of a hold."""
    match event:
        case PaymentDue() if event.occasion == WAITED:
            return "SeatOffered"
        case BookCanceled(status="EXPIRED"):
            return "BookExpired"
        case BookCanceled(status="DECLINED"):
            return "BookDeclined"
        case BookCanceled(payment_id=None, refund=int()):  # the originals, who say no refund, leave out the payment too
            return "HoldCanceled"
        case PaymentCanceled(version=1, refunded=int()):
            return "LateMoney"
        case PaymentCanceled(refunded=0, price=price) if price != 0:
            return "NothingRefunded"
        case PaymentCanceled(refunded=int() as back, price=price) if back != price:
            return "RefundedInPart"
    return type(event).__name__
