"""Ways to people outside the list of their notifications, as far as they are set up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from adapters.system import Beside
from apps.failures import CannotRun
from apps.settings import Settings
from apps.trying import Tried
from myticket_core.notification.deliver import IN_HAND
from myticket_core.notification.ports import Contacts, Sending
from myticket_core.notification.subscribe import SubscribeBrowsers

if TYPE_CHECKING:  # imported where it is set up
    from adapters.notify.vapid import Vapid

FEW: Final = 8
"""Mails begun at once, and under way before more are: more than there are lines, so that some end soon, by their own
patience, when every line is slow.
"""
MAILING: Final = timedelta(minutes=15)
"""How long a mail may be in hand: longer than the wait for a line and a server that takes its ten minutes."""
SOME: Final = 50
MANY: Final = 400
"""Pushes begun at once, and under way: they go to as many servers as browsers name, and each may be slow by itself."""


@frozen
class Way:
    """A channel, how many notifications it is handed at once, how these wait for each other, and how long they take."""

    channel: Tried
    batch: int
    together: Sending
    in_hand: timedelta = IN_HAND


@frozen
class Reach:
    """The ways that there are, and how browsers come to be on one of them."""

    ways: Sequence[Way]
    subscribe: SubscribeBrowsers


def reach(settings: Settings, contacts: Contacts, closing: AsyncExitStack) -> Reach:
    """With development tokens whoever subscribes is on this machine. Raises CannotRun."""
    vapid, near, ways = vapid_of(settings), settings.development_tokens, list[Way]()
    if settings.smtp_url is not None:
        ways.append(_mailing(settings.smtp_url, settings.smtp_sender, contacts, closing))
    if vapid is not None:
        ways.append(_pushing(vapid, near, contacts, closing))
    return Reach(ways, SubscribeBrowsers(contacts, vapid.public if vapid else None, near))


def _mailing(url: str, sender: str, contacts: Contacts, closing: AsyncExitStack) -> Way:
    from adapters.notify.email import Email
    from adapters.notify.lines import Lines

    lines, beside = Lines(url, sender), Beside(FEW)
    closing.push_async_callback(lines.close)
    closing.push_async_callback(beside.close)
    return Way(Tried(Email(lines, sender, contacts)), FEW, beside, MAILING)


def _pushing(vapid: Vapid, near: bool, contacts: Contacts, closing: AsyncExitStack) -> Way:
    from adapters.notify.web_push import WebPush

    channel, beside = WebPush(vapid, contacts, near), Beside(MANY - SOME)
    closing.push_async_callback(channel.close)
    closing.push_async_callback(beside.close)
    return Way(Tried(channel), SOME, beside)


def vapid_of(settings: Settings) -> Vapid | None:
    """Raises CannotRun."""
    if settings.vapid_key is None:
        return None
    if settings.vapid_subject is None:
        raise CannotRun("VAPID_KEY is set: VAPID_SUBJECT has to be set too, since push services ask whom to write to")
    from adapters.notify.vapid import Vapid

    return Vapid(settings.vapid_key, settings.vapid_subject)
