"""R6, R7, R11, R13. From what happened to messages: who is told, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.booking.events import BookCanceled, Booked, PaymentDue
from myticket_core.completing import completed
from myticket_core.messages import Cause, Event, command
from myticket_core.money import KRW, Currency
from myticket_core.notification import reasons
from myticket_core.notification.facts import come_to
from myticket_core.notification.letter import in_korea, laid_out
from myticket_core.notification.model import Message
from myticket_core.notification.ports import Contacts, Notifications
from myticket_core.notification.templates import COMPANY, FREE, TEMPLATES, Template
from myticket_core.ports import Clock, Owners


@command
class Compose:
    event: Event


@frozen
class ComposeNotifications:
    """One message per fact, recipient, channel and place. An event that does not say whom it concerns tells nobody.

    `prefix` begins every message (NOTIFICATION_PREFIX of the originals). Over the channels that are `shown` it is told
    by being stored. Over the channels of `contacts` only those are told who can be reached there and want it.
    Money is said in `currency`. What was said before `since` tells nobody. The `owners` of what an event is about are
    asked when it does not say whom it concerns. What was said longer ago than is `remembered`, None: everything is,
    may have been heard before, when a recipient could be reached nowhere else: `contacts` are not told of it.
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
    remembered: timedelta | None = None

    async def __call__(self, order: Compose, cause: Cause) -> None:
        if self.since is not None and cause.at is not None and cause.at < self.since:
            return
        event = await completed(order.event, self.owners)
        told = [
            (template, recipient) for template in TEMPLATES[come_to(event)] if (recipient := _whom(event, template))
        ]
        messages = [
            message
            for template, recipient in told
            for message in self._messages(
                event, template, recipient, await self._ways(template, recipient, cause), cause
            )
        ]
        if messages:
            await self.notifications.add(messages, self.clock.now(), cause, self.shown)

    async def _ways(self, template: Template, recipient: int, cause: Cause) -> Sequence[tuple[str, str]]:
        """Channels with places: those for everybody, and where the recipient is reached elsewhere."""
        ways = [(channel, "") for channel in self.channels]
        if self.contacts is None or not self.elsewhere or self._is_old(cause):
            return ways
        company = template.recipient == COMPANY
        owner = Scope(company_id=recipient) if company else Scope(customer_id=recipient)
        found = await self.contacts.of(owner)
        return ways + [(it.channel, it.place) for it in found if it.reached and it.channel in self.elsewhere]

    def _is_old(self, cause: Cause) -> bool:
        if self.remembered is None or cause.at is None:
            return False
        return cause.at < self.clock.now() - self.remembered

    def _messages(
        self, event: Event, template: Template, recipient: int, ways: Sequence[tuple[str, str]], cause: Cause
    ) -> Iterator[Message]:
        said = partial(_Members, event, self.currency)
        for channel, place in ways:
            yield Message(
                event_id=cause.id,
                event=type(event).__name__,
                channel=channel,
                text=laid_out(channel, come_to(event), self.prefix, template.words, said),
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
            case "price", 0:
                return FREE[self.language]
            case "price" | "refunded" | "amount", amount:
                return self.currency.said(amount)
            case _, value:
                return value


def _booking(event: Event) -> int | None:
    return event.id if isinstance(event, Booked | PaymentDue | BookCanceled) else getattr(event, "book_id", None)


def _ticket(event: Event) -> int | None:
    return event.id if event.SOURCE == "ticket" else getattr(event, "ticket_id", None)
