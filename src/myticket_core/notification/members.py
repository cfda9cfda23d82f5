"""What an event says, as it goes into the words of a template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from myticket_core.booking.events import BookCanceled, Booked, PaymentDue
from myticket_core.messages import Event
from myticket_core.money import Currency
from myticket_core.notification import reasons
from myticket_core.notification.letter import UNSAID, in_korea
from myticket_core.notification.templates import FREE
from myticket_core.notification.title import called


class EventMembers(dict[str, object]):
    """The event's members as they are said in a language; what the event does not say is UNSAID.

    Besides `ticket`, by its name among `names`, and `booking`, with its ticket if that is said; `Ticket` and `Booking`
    begin a sentence.
    """

    def __init__(self, event: Event, currency: Currency, names: Mapping[int, str], language: str) -> None:
        super().__init__()
        self.event, self.currency, self.names, self.language = event, currency, names, language

    def __missing__(self, member: str) -> object:
        match member:
            case "ticket":
                return called(ticket_of(self.event), self.names, self.language)
            case "booking":
                return self._booking()
            case "Ticket":
                return _capitalized(called(ticket_of(self.event), self.names, self.language))
            case "Booking":
                return _capitalized(self._booking())
        return self._said(member, getattr(self.event, member))

    def _booking(self) -> str:
        ticket_id, korean = ticket_of(self.event), self.language == "ko"
        number = self._said("book_id", booking_of(self.event))
        booking = f"예매 {number}번" if korean else f"booking {number}"
        if ticket_id is None:
            return booking
        ticket = called(ticket_id, self.names, self.language)
        return f"{ticket} {booking}" if korean else f"{booking} of {ticket}"

    def _said(self, member: str, value: Any) -> object:
        match member, value:
            case _, None:
                return UNSAID
            case "expires_at", millis:
                return in_korea(datetime.fromtimestamp(millis / 1000, UTC))
            case "reason", reason:
                return reasons.said(reason, self.language)
            case "price", 0:
                return FREE[self.language]
            case "price" | "refunded" | "amount", amount:
                return self.currency.said(amount)
        return value


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def booking_of(event: Event) -> int | None:
    return event.id if isinstance(event, Booked | PaymentDue | BookCanceled) else getattr(event, "book_id", None)


def ticket_of(event: Event) -> int | None:
    return event.id if event.SOURCE == "ticket" else getattr(event, "ticket_id", None)
