"""Web Push: a message for a browser, handed to the push service that the browser has named (RFC 8030)."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

import aiohttp
from yarl import URL

from adapters.notify.outside import PublicOnly, session
from adapters.notify.pushing import tag, told
from adapters.notify.sealing import sealed
from adapters.notify.slots import Slots, room
from adapters.notify.vapid import Vapid
from myticket_core.booking.events import PaymentDue
from myticket_core.errors import Invalid, NotFound, Rejected, Unavailable
from myticket_core.notification.model import PUSH, Message, Notification
from myticket_core.notification.ports import GONE, NO_CONTACT, REFUSED, Contacts
from myticket_core.notification.subscription import Subscription

LONGEST: Final = 10.0
"""Seconds for a push, however slowly the service answers."""
KEPT: Final = "43200"
"""Seconds for which the service keeps what a browser does not fetch."""
URGENT: Final = frozenset({PaymentDue.__name__})
"""A seat is kept for minutes: a telephone that dozes is to show it now (RFC 8030, 5.3)."""
SOON: Final = timedelta(seconds=1)
OF_ONE: Final = 20
"""Pushes under way to one recipient: who names services that never answer holds up nobody else's."""
OF_PLACE: Final = 5
"""And to one browser of theirs: one whose service never answers holds up none of the others."""
MOMENT: Final = 1.0
"""Seconds that a push waits until it is among those."""
NO_MORE: Final = (404, 410)
LATER: Final = (401, 403, 408, 429)
"""The first two are about us, the key or the time: ours to mend."""


class WebPush:
    """What the service has taken is delivered. Pushed again it takes the place of what is not shown yet, or is.

    The subscription is looked up when it is needed, and removed when the service says that it is gone. `near`: services
    may be on this machine and its network.
    """

    name = PUSH

    def __init__(self, vapid: Vapid, contacts: Contacts, near: bool = False, longest: float = LONGEST) -> None:
        self._vapid, self._contacts, self._near, self._longest = vapid, contacts, near, longest
        self._names = None if near else PublicOnly()
        self._session: aiohttp.ClientSession | None = None
        self._of_place, self._of_one = Slots(OF_PLACE), Slots(OF_ONE)

    async def send(self, notification: Notification) -> None:
        """Raises Rejected: the browser is not subscribed any more, or will never take it; Full; else Unavailable."""
        message = notification.message
        async with self._room(message):
            status, wait = await self._pushed(message, await self._subscription(message))
        if status in NO_MORE:
            await self._forget(message)
        if not 200 <= status < 300:
            raise _judged(status, wait)

    def _room(self, message: Message) -> AbstractAsyncContextManager[None]:
        """Raises Full."""
        whom = message.recipient
        return room(MOMENT, self._of_place.of((whom, message.place)), self._of_one.of(whom))

    async def _pushed(self, message: Message, to: Subscription) -> tuple[int, str]:
        try:
            async with asyncio.timeout(self._longest):
                return await self._handed_over(message, to)
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            raise Unavailable(f"the push service cannot be asked ({type(failure).__name__})", SOON) from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        if self._names is not None:
            await self._names.close()

    async def _handed_over(self, message: Message, to: Subscription) -> tuple[int, str]:
        """The answer's status, and how long it asks to wait. Its body is nobody's business, nor where it leads to."""
        where, body = URL(to.endpoint, encoded=True), sealed(told(message), to)
        headers = {
            "Authorization": self._vapid.authorization(str(where.origin())),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": KEPT,
            "Topic": tag(message),
            "Urgency": "high" if message.event in URGENT else "normal",
        }
        if self._names is not None:
            await self._names.know(where.raw_host or "", message.recipient)
        async with self._opened().post(where, data=body, headers=headers, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Retry-After", "")

    async def _subscription(self, message: Message) -> Subscription:
        for contact in await self._contacts.of(message.recipient):
            if (contact.channel, contact.place, contact.wanted) == (self.name, message.place, True):
                return _checked(Subscription.read(contact.address), self._near)
        raise Rejected(NO_CONTACT, "this browser is not to be told any more")

    async def _forget(self, message: Message) -> None:
        try:
            await self._contacts.remove(message.recipient, self.name, message.place)
        except NotFound:
            return  # another message was told so first

    def _opened(self) -> aiohttp.ClientSession:
        """Made by the first push, as it belongs to the loop that runs then."""
        if self._session is None or self._session.closed:
            self._session = session(self._names)
        return self._session


def _checked(to: Subscription, near: bool) -> Subscription:
    """It may have been taken when more was allowed. Raises Rejected."""
    try:
        return to.checked(near)
    except Invalid as wrong:
        raise Rejected(REFUSED, f"{wrong.member} of the subscription is not {wrong.allowed}") from None


def _judged(status: int, wait: str) -> Exception:
    """The service's own words are left out: they may name the browser."""
    if status in NO_MORE:
        return Rejected(GONE, "the browser's subscription is gone")
    if status in LATER or status >= 500:
        return Unavailable(f"the push service does not take it now: {status}", _asked(wait))
    return Rejected(REFUSED, f"the push service refused it: {status}")


def _asked(wait: str) -> timedelta:
    """What Retry-After says in seconds; dates are left to our own patience."""
    return timedelta(seconds=int(wait)) if wait.isascii() and wait.isdigit() and len(wait) < 10 else SOON
