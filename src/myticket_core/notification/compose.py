"""R6, R7, R11, R13. From what happened to messages: who is told, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.completing import completed
from myticket_core.messages import Cause, Event, command
from myticket_core.money import KRW, Currency
from myticket_core.notification.facts import come_to
from myticket_core.notification.letter import Members, laid_out
from myticket_core.notification.members import EventMembers, booking_of, ticket_of
from myticket_core.notification.model import Message
from myticket_core.notification.ports import Contacts, Notifications, Titles
from myticket_core.notification.templates import COMPANY, TEMPLATES, Template
from myticket_core.notification.title import OfTicket, Title
from myticket_core.ports import Clock, Owners


@command
class Compose:
    event: Event


@frozen
class ComposeNotifications:
    """One message per fact, recipient, channel and place. An event that does not say whom it concerns tells nobody.

    `prefix` begins every message (NOTIFICATION_PREFIX of the originals). Over the channels that are `shown` it is told
    by being stored. Over the channels of `contacts` only those are told who can be reached there and want it.
    Money is said in `currency`, a ticket by its name as far as that was heard. What was said before `since` tells
    nobody. The `owners` of what an event is about are asked when it does not say whom it concerns. What was said longer
    ago than is `remembered`, None: everything is, may have been heard before, when a recipient could be reached nowhere
    else: `contacts` are not told of it.
    """

    notifications: Notifications
    titles: Titles
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
        await self._learn(order.event)
        if self.since is not None and cause.at is not None and cause.at < self.since:
            return
        event = await completed(order.event, self.owners)
        told = [
            (template, recipient) for template in TEMPLATES[come_to(event)] if (recipient := _whom(event, template))
        ]
        if not told:
            return
        said, messages = partial(EventMembers, event, self.currency, await self._names(event)), list[Message]()
        for template, recipient in told:
            ways = await self._ways(template, recipient, cause)
            messages += self._messages(event, template, recipient, ways, said, cause)
        if messages:
            await self.notifications.add(messages, self.clock.now(), cause, self.shown)

    async def _learn(self, event: Event) -> None:
        """Also of what nobody is told of, and once more of what was heard before: that changes nothing."""
        if isinstance(event, OfTicket) and (title := Title.of(event)) is not None:
            await self.titles.learn(title)

    async def _names(self, event: Event) -> Mapping[int, str]:
        id = ticket_of(event)
        return {} if id is None else await self.titles.of([id])

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
        self,
        event: Event,
        template: Template,
        recipient: int,
        ways: Sequence[tuple[str, str]],
        said: Members,
        cause: Cause,
    ) -> Iterator[Message]:
        for channel, place in ways:
            yield Message(
                event_id=cause.id,
                event=type(event).__name__,
                channel=channel,
                text=laid_out(channel, come_to(event), self.prefix, template.words, said),
                correlation_id=cause.correlation_id,
                booking_id=booking_of(event),
                ticket_id=ticket_of(event),
                place=place,
                **{template.recipient: recipient},
            )


def _whom(event: Event, template: Template) -> int | None:
    recipient: int | None = getattr(event, template.recipient, None)
    return recipient
