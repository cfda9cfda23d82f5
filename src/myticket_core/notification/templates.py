"""What people are told of each event, in Korean and English: to whom, in which words."""

from __future__ import annotations

from typing import Final

from attrs import frozen

CUSTOMER: Final = "customer_id"
COMPANY: Final = "company_id"

FREE: Final = {"ko": "무료", "en": "free"}
"""A price of 0."""


@frozen
class Template:
    """To whom, in which words; `{members}` are the event's, as EventMembers says them."""

    recipient: str
    words: str


TEMPLATES: Final[dict[str, tuple[Template, ...]]] = {
    "Booked": (
        Template(
            COMPANY,
            "{ticket}에 새 예매 {id}번이 들어왔습니다 ({price}). / {Ticket} has a new booking {id} ({price}).",
        ),
    ),
    "PaymentApproved": (
        Template(CUSTOMER, "{booking}의 결제({price})가 완료되었습니다. / {Booking} is paid: {price}."),
    ),
    "PaymentDue": (
        Template(
            CUSTOMER,
            "{booking}의 결제({price})를 지금 하실 수 있습니다. {expires_at}까지 결제해 주세요. / "
            "{Booking} can be paid now: {price}. The seat is kept until {expires_at}.",
        ),
    ),
    "SeatOffered": (
        Template(
            CUSTOMER,
            "기다리시던 {ticket}에 자리가 났습니다. 예매 {id}번의 결제({price})를 {expires_at}까지 해 주세요. / "
            "A seat of {ticket} that you waited for is free: booking {id}, {price}. "
            "It is kept for you until {expires_at}.",
        ),
    ),
    "WaitingEnded": (
        Template(
            CUSTOMER,
            "기다리시던 {ticket}은 더 이상 판매되지 않아 자리를 드리지 못하게 되었습니다: {reason}. / "
            "{Ticket}, which you waited for, is not sold any more, and no seat of it came free: {reason}.",
        ),
    ),
    "BookCanceled": (
        Template(CUSTOMER, "{booking}이 취소되었습니다: {reason}. / {Booking} is canceled: {reason}."),
        Template(COMPANY, "{booking}이 취소되었습니다. / {Booking} is canceled."),
    ),
    "HoldCanceled": (Template(CUSTOMER, "{booking}이 취소되었습니다: {reason}. / {Booking} is canceled: {reason}."),),
    "BookExpired": (
        Template(
            CUSTOMER,
            "{booking}의 결제 시간이 지나 좌석이 반환되었습니다. / "
            "{Booking} was not paid in time; the seat was given back.",
        ),
    ),
    "BookDeclined": (
        Template(
            CUSTOMER,
            "{booking}의 결제가 거절되어 좌석이 반환되었습니다: {reason}. / "
            "The payment of {booking} was declined: {reason}. The seat was given back.",
        ),
    ),
    "PaymentCanceled": (
        Template(
            CUSTOMER,
            "{booking}의 결제({price})가 취소되어 환불되었습니다: {reason}. / "
            "The payment of {booking} is canceled, {price} refunded: {reason}.",
        ),
    ),
    "RefundedInPart": (
        Template(
            CUSTOMER,
            "{booking}의 결제({price}) 중 일부({refunded})가 환불되었습니다 (나머지는 취소 수수료): {reason}. / "
            "Of the {price} paid for {booking}, {refunded} is refunded, less the fee: {reason}.",
        ),
    ),
    "NothingRefunded": (
        Template(
            CUSTOMER,
            "{booking}의 취소가 끝났습니다 ({reason}). "
            "취소 수수료가 결제 금액({price})과 같아 환불할 금액이 없습니다. / "
            "{Booking} is canceled ({reason}). The fee is as much as the {price} paid for it: "
            "there is nothing to refund.",
        ),
    ),
    "LateMoney": (
        Template(
            CUSTOMER,
            "{booking}이 이미 끝난 뒤에 결제({price})가 들어와 그 금액({refunded})을 환불했습니다: {reason}. / "
            "The {price} for {booking} arrived when it was over already; {refunded} is refunded: {reason}.",
        ),
    ),
    "RefundFailed": (
        Template(
            CUSTOMER,
            "{booking}의 환불({amount})이 처리되지 않아 확인 중입니다: {reason}. / "
            "The refund of {amount} for {booking} did not go through and is being looked into: {reason}.",
        ),
        Template(
            COMPANY,
            "{booking}의 환불({amount})에 실패했습니다. / The refund of {amount} for {booking} has failed.",
        ),
    ),
    "FreeBooked": (
        Template(
            CUSTOMER,
            "{booking}이 완료되었습니다. 무료라 결제할 금액은 없습니다. / "
            "{Booking} is made. It is free: there is nothing to pay.",
        ),
    ),
    "FreeDue": (
        Template(
            CUSTOMER,
            "{booking}을 지금 확정하실 수 있습니다. 무료이니 {expires_at}까지 확정해 주세요. / "
            "{Booking} can be confirmed now, for free. The seat is kept until {expires_at}.",
        ),
    ),
    "FreeOffered": (
        Template(
            CUSTOMER,
            "기다리시던 {ticket}에 자리가 났습니다. 무료이니 예매 {id}번을 {expires_at}까지 확정해 주세요. / "
            "There is a seat of {ticket} that you waited for: confirm booking {id}, for free. "
            "It is kept for you until {expires_at}.",
        ),
    ),
    "FreeExpired": (
        Template(
            CUSTOMER,
            "{booking}이 기한까지 확정되지 않아 좌석이 반환되었습니다. / "
            "{Booking} was not confirmed in time; the seat was given back.",
        ),
    ),
    "FreeOver": (
        Template(
            CUSTOMER,
            "{booking}의 취소가 끝났습니다 ({reason}). 무료라 환불할 금액은 없습니다. / "
            "{Booking} is over ({reason}). It was free: there is nothing to refund.",
        ),
    ),
    "TicketRegistered": (
        Template(COMPANY, "{ticket}이 등록되었습니다 ({price}). / {Ticket} is registered ({price})."),
    ),
    "TicketChanged": (Template(COMPANY, "{ticket}이 변경되었습니다 ({price}). / {Ticket} is changed ({price})."),),
    "TicketDeleted": (Template(COMPANY, "{ticket}이 삭제되었습니다. / {Ticket} is deleted."),),
}
"""Event → who is told what. A hold that expired was never a booking: the organizer is not bothered with it."""
