"""R6, R7, R11, R13. From what happened to messages: who is told, how, in which words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.booking.events import WAITED, BookCanceled, Booked, PaymentDue
from myticket_core.completing import completed
from myticket_core.messages import Cause, Event, command
from myticket_core.money import KRW, Currency
from myticket_core.notification import reasons
from myticket_core.notification.letter import in_korea, laid_out
from myticket_core.notification.model import Message
from myticket_core.notification.ports import Contacts, Notifications
from myticket_core.payment.events import PaymentCanceled
from myticket_core.ports import Clock, Owners

CUSTOMER: Final = "customer_id"
COMPANY: Final = "company_id"


@command
class Compose:
    event: Event


@frozen
class Template:
    """To whom, in which words; `{members}` are the event's."""

    recipient: str
    words: str


TEMPLATES: Final[dict[str, tuple[Template, ...]]] = {
    "Booked": (
        Template(
            COMPANY,
            "티켓 {ticket_id}에 새 예매 {id}번이 들어왔습니다 ({price}). / "
            "Ticket {ticket_id} has a new booking {id} ({price}).",
        ),
    ),
    "PaymentApproved": (
        Template(
            CUSTOMER,
            "예매 {book_id}의 결제({price})가 완료되었습니다 (티켓 {ticket_id}). / "
            "Booking {book_id} of ticket {ticket_id} is paid: {price}.",
        ),
    ),
    "PaymentDue": (
        Template(
            CUSTOMER,
            "예매 {id}의 결제({price})를 지금 하실 수 있습니다. {expires_at}까지 결제해 주세요. / "
            "Booking {id} can be paid now: {price}. The seat is kept until {expires_at}.",
        ),
    ),
    "SeatOffered": (
        Template(
            CUSTOMER,
            "기다리시던 티켓 {ticket_id}에 자리가 났습니다. 예매 {id}의 결제({price})를 {expires_at}까지 해 주세요. / "
            "A seat of ticket {ticket_id} that you waited for is free: booking {id}, {price}. "
            "It is kept for you until {expires_at}.",
        ),
    ),
    "WaitingEnded": (
        Template(
            CUSTOMER,
            "기다리시던 티켓 {ticket_id}번은 더 이상 판매되지 않아 자리를 드리지 못하게 되었습니다: {reason}. / "
            "Ticket {ticket_id} that you waited for is not sold any more, and no seat of it came free: {reason}.",
        ),
    ),
    "BookCanceled": (
        Template(CUSTOMER, "예매 {id}번이 취소되었습니다: {reason}. / Booking {id} is canceled: {reason}."),
        Template(
            COMPANY,
            "티켓 {ticket_id}의 예매 {id}번이 취소되었습니다. / Booking {id} of ticket {ticket_id} is canceled.",
        ),
    ),
    "BookExpired": (
        Template(
            CUSTOMER,
            "예매 {id}의 결제 시간이 지나 좌석이 반환되었습니다. / "
            "Booking {id} was not paid in time; the seat was given back.",
        ),
    ),
    "BookDeclined": (
        Template(
            CUSTOMER,
            "예매 {id}의 결제가 거절되어 좌석이 반환되었습니다: {reason}. / "
            "The payment of booking {id} was declined: {reason}. The seat was given back.",
        ),
    ),
    "PaymentCanceled": (
        Template(
            CUSTOMER,
            "예매 {book_id}의 결제({price})가 취소되어 환불되었습니다: {reason}. / "
            "The payment of booking {book_id} is canceled, {price} refunded: {reason}.",
        ),
    ),
    "RefundedInPart": (
        Template(
            CUSTOMER,
            "예매 {book_id}의 결제({price}) 중 일부({refunded})가 환불되었습니다 (나머지는 취소 수수료): {reason}. / "
            "Of the {price} paid for booking {book_id}, {refunded} is refunded, less the fee: {reason}.",
        ),
    ),
    "LateMoney": (
        Template(
            CUSTOMER,
            "예매 {book_id}번이 이미 끝난 뒤에 결제({price})가 들어와 환불했습니다({refunded}): {reason}. / "
            "The {price} for booking {book_id} arrived when it was over already; "
            "{refunded} is refunded: {reason}.",
        ),
    ),
    "RefundFailed": (
        Template(
            CUSTOMER,
            "예매 {book_id}의 환불({amount})이 처리되지 않아 확인 중입니다: {reason}. / "
            "The refund of {amount} for booking {book_id} did not go through and is being looked into: {reason}.",
        ),
        Template(
            COMPANY,
            "티켓 {ticket_id}, 예매 {book_id}의 환불({amount})이 실패했습니다. / "
            "The refund of {amount} for booking {book_id} of ticket {ticket_id} has failed.",
        ),
    ),
    "TicketRegistered": (
        Template(COMPANY, "티켓 {id}번이 등록되었습니다 ({price}). / Ticket {id} is registered ({price})."),
    ),
    "TicketChanged": (
        Template(COMPANY, "티켓 {id}번이 변경되었습니다 ({price}). / Ticket {id} is changed ({price})."),
    ),
    "TicketDeleted": (Template(COMPANY, "티켓 {id}번이 삭제되었습니다. / Ticket {id} is deleted."),),
}
"""Event → who is told what. A hold that expired was never a booking: the organizer is not bothered with it."""


@frozen
class ComposeNotifications:
    """One message per fact, recipient, channel and place. An event that does not say whom it concerns tells nobody.

    `prefix` begins every message (NOTIFICATION_PREFIX of the originals). Over the channels that are `shown` it is told
    by being stored. Over the channels of `contacts` only those are told who can be reached there and want it.
    Money is said in `currency`. What was said before `since` tells nobody. The `owners` of what an event is about are
    asked when it does not say whom it concerns.
    """

    notifications: Notifications
    clock: Clock
    channels: tuple[str, ...]
    prefix: str = "Hello"
    shown: frozenset[str] = frozenset()
    owners: Owners | None = None
    contacts: Contacts | None = None
    elsewhere: tuple[str, ...] = ()
    currency: Currency = KRW
    since: datetime | None = None

    async def __call__(self, order: Compose, cause: Cause) -> None:
        if self.since is not None and cause.at is not None and cause.at < self.since:
            return
        event = await completed(order.event, self.owners)
        told = [(template, recipient) for template in TEMPLATES[_fact(event)] if (recipient := _whom(event, template))]
        messages = [
            message
            for template, recipient in told
            for message in self._messages(event, template, recipient, await self._ways(template, recipient), cause)
        ]
        if messages:
            await self.notifications.add(messages, self.clock.now(), cause, self.shown)

    async def _ways(self, template: Template, recipient: int) -> Sequence[tuple[str, str]]:
        """Channels with places: those for everybody, and where the recipient is reached elsewhere."""
        ways = [(channel, "") for channel in self.channels]
        if self.contacts is None or not self.elsewhere:
            return ways
        company = template.recipient == COMPANY
        owner = Scope(company_id=recipient) if company else Scope(customer_id=recipient)
        found = await self.contacts.of(owner)
        return ways + [(it.channel, it.place) for it in found if it.wanted and it.channel in self.elsewhere]

    def _messages(
        self, event: Event, template: Template, recipient: int, ways: Sequence[tuple[str, str]], cause: Cause
    ) -> Iterator[Message]:
        said = partial(_Members, event, self.currency)
        for channel, place in ways:
            yield Message(
                event_id=cause.id,
                event=type(event).__name__,
                channel=channel,
                text=laid_out(channel, _fact(event), self.prefix, template.words, said),
                correlation_id=cause.correlation_id,
                booking_id=_booking(event),
                ticket_id=_ticket(event),
                place=place,
                **{template.recipient: recipient},
            )


def _whom(event: Event, template: Template) -> int | None:
    recipient: int | None = getattr(event, template.recipient, None)
    return recipient


class _Members(dict[str, object]):
    """The event's members for a template, as they are said in a language; what the event does not say is a dash."""

    def __init__(self, event: Event, currency: Currency, language: str) -> None:
        super().__init__()
        self.event, self.currency, self.language = event, currency, language

    def __missing__(self, name: str) -> object:
        match name, getattr(self.event, name):
            case _, None:
                return "–"
            case "expires_at", millis:
                return in_korea(datetime.fromtimestamp(millis / 1000, UTC))
            case "reason", reason:
                return reasons.said(reason, self.language)
            case "price" | "refunded" | "amount", amount:
                return self.currency.said(amount)
            case _, value:
                return value


def _fact(event: Event) -> str:
    """What an event comes to, for people. Of a payment that begins with its refund nobody has heard before."""
    match event:
        case PaymentDue() if event.occasion == WAITED:
            return "SeatOffered"
        case BookCanceled(status="EXPIRED"):
            return "BookExpired"
        case BookCanceled(status="DECLINED"):
            return "BookDeclined"
        case PaymentCanceled(version=1, refunded=int()):
            return "LateMoney"
        case PaymentCanceled(refunded=int() as back, price=price) if back != price:
            return "RefundedInPart"
    return type(event).__name__


def _booking(event: Event) -> int | None:
    return event.id if isinstance(event, Booked | PaymentDue | BookCanceled) else getattr(event, "book_id", None)


def _ticket(event: Event) -> int | None:
    return event.id if event.SOURCE == "ticket" else getattr(event, "ticket_id", None)
