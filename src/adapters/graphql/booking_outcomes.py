"""What has become of a booking that was placed or paid: the booking protocol, as types."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.booking_types import Booking, booking_of
from adapters.graphql.problems import KeyReused, Missing, Problem, seconds
from myticket_core.booking.collect import Answer
from myticket_core.booking.model import Status
from myticket_core.errors import plain


@strawberry.type(description="Booked and paid")
class Booked:
    booking: Booking
    replayed: bool = strawberry.field(description="An earlier call with this idempotency key had placed it")


@strawberry.type(description="Held; whether it is paid is not known yet: the system finds out")
class PaymentPending:
    code: str = "payment_pending"
    booking: Booking
    replayed: bool


@strawberry.type(description="The seat is held; pay a little later")
class PayLater(Problem):
    CODE: ClassVar = "pay_later"
    booking: Booking
    retry_after: int = strawberry.field(description="In seconds")


@strawberry.type(description="Not charged, and the seat is free again; another attempt is a new booking")
class PaymentDeclined(Problem):
    CODE: ClassVar = "payment_declined"
    booking: Booking


@strawberry.type(description="The booking is over")
class Expired(Problem):
    CODE: ClassVar = "expired"
    booking: Booking


@strawberry.type(description="The seat is held, but the booking's number is paid for on other terms: book again")
class PaidOtherwise(Problem):
    CODE: ClassVar = "another_payment"
    booking: Booking


PAID: Final = (Booked, PaymentPending, PayLater, PaymentDeclined, Expired, PaidOtherwise, Missing, KeyReused)


def answered(answer: Answer) -> Any:
    """The booking protocol: what has become of the booking decides, first answer and repeat alike."""
    it, booking = answer.booking, booking_of(answer.booking)
    match it.status:
        case Status.BOOKED:
            return Booked(booking=booking, replayed=answer.repeated)
        case Status.PENDING if answer.another:
            said = f"booking {it.id} cannot be paid: its number was, on other terms; cancel it, and book again"
            return PaidOtherwise(code=PaidOtherwise.CODE, message=said, booking=booking)
        case Status.PENDING if answer.pay_later is None:
            return PaymentPending(booking=booking, replayed=answer.repeated)
        case Status.PENDING:
            wait = seconds(answer.pay_later or timedelta())
            said = f"booking {it.id} holds a seat; pay it in {wait} s, with payBooking"
            return PayLater(code=PayLater.CODE, message=said, booking=booking, retry_after=wait)
        case Status.DECLINED:
            said = plain(f"booking {it.id} was not paid: {it.reason}")
            return PaymentDeclined(code=PaymentDeclined.CODE, message=said, booking=booking)
        case _:
            return Expired(code=Expired.CODE, message=plain(f"booking {it.id} is over: {it.reason}"), booking=booking)
