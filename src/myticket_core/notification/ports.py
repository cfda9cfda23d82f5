"""What notification needs, said as guarantees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeAlias

from attrs import frozen

from myticket_core.access import EVERYTHING, Scope
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause
from myticket_core.notification.bucket import Owed
from myticket_core.notification.contact import Contact
from myticket_core.notification.model import Message, Notification, NotificationId, Status
from myticket_core.notification.title import Title
from myticket_core.paging import Page, Paging


@frozen
class Sought:
    """Which notifications are looked for; what is None, or everybody's, does not narrow."""

    status: Status | None = None
    channel: str | None = None
    recipient: Scope = EVERYTHING


Tell: TypeAlias = Callable[[Sequence[Notification], NotificationId], tuple[Notification, Sequence[Notification]] | None]
"""Pure: a notification of this id that tells those, and they as they are told in it. None: it has to be none."""


class Notifications(Protocol):
    """The notifications. Only DELIVERED ones are seen by `get` and `list`, and none that are read elsewhere."""

    async def add(self, messages: Sequence[Message], now: datetime, cause: Cause, shown: Collection[str] = ()) -> None:
        """Queue them, as `queued` says: all or none with their buckets, once per cause of a consumer.

        One per (event, recipient, channel, place). Over the channels that are `shown` nothing has to be sent: those are
        DELIVERED from the start.
        """

    async def change(self, id: NotificationId, decide: Callable[[Notification], Notification]) -> Notification:
        """Store what the pure `decide` returns. Raises NotFound."""

    async def due(self, now: datetime, channel: str, limit: int) -> Sequence[Notification]:
        """QUEUED ones of the channel whose time has come, the longest due first."""

    async def untouched(self, like: Message, limit: int) -> Sequence[Notification]:
        """`untouched` ones of the same channel and recipient, due or not, by id."""

    async def gather(self, ids: Sequence[NotificationId], tell: Tell) -> None:
        """Store what `tell` makes of those as they are, in this order: all of it or nothing. Raises NotFound."""

    async def get(self, id: NotificationId, owner: Scope) -> Notification:
        """Raises NotFound, also when it is for somebody else."""

    async def list(self, owner: Scope, read: bool | None, paging: Paging) -> Page[Notification]:
        """`read` None: both. Sortable by id, created_at; else Invalid("sort", …)."""

    async def unread(self, owner: Scope) -> int:
        """How many of those in `list` have not been read."""

    async def read_up_to(self, last: NotificationId, owner: Scope, now: datetime) -> None:
        """Those in `list` of one customer or company, with an id up to `last`, are read: what was before stays so."""

    async def sought(self, which: Sought, before: NotificationId | None, limit: int) -> Sequence[Notification]:
        """Those, whatever has become of them, with an id below `before` if that is given; the newest first.

        It may take its time: this is for operators.
        """

    async def wait(self, at_most: timedelta) -> None:
        """Return soon after something new was queued, at the latest after `at_most`."""


class Titles(Protocol):
    """What tickets are called, as far as was heard. A ticket that is gone keeps its name: much is told of it yet."""

    async def learn(self, title: Title) -> None:
        """Keep what then stands, as `heard_after` says, whoever else learns of the same ticket."""

    async def of(self, tickets: Collection[int]) -> Mapping[int, str]:
        """The names of those that have one, as they were when this was asked, or later."""


class Sending(Protocol):
    async def __call__(self, jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
        """Begin all jobs; some may go on when it returns. What one of them raises, this call raises or a later one.

        Less than Together promises, which will do as well.
        """


REFUSED: Final = "undeliverable"
"""Why it will never be: whoever was asked refused it."""
NO_CONTACT: Final = "no_contact"
"""There is nobody to be asked."""
GONE: Final = "gone"
"""Nobody is there any more."""


class Full(Unavailable):
    """Nothing was handed over: we ourselves have as much under way to there as we may, or are ending."""


class Channel(Protocol):
    """A way to reach people."""

    name: str

    async def send(self, notification: Notification) -> None:
        """Return when it has been handed over; the same notification may be sent again after a crash.

        Raises Unavailable (try later), Full (that counts as no attempt), InDoubt (it may have been handed over),
        Rejected (it will never be); whatever else it raises counts as a failed attempt too. What it raises names no
        address. One that is cut off may raise Full too, if it knows that nothing was handed over: else what it had in
        hand waits until that may be over.
        """


Allow: TypeAlias = Callable[[int], None]
"""Pure: whether somebody who has so many other places over a channel may have one more. Raises Rejected."""


Become: TypeAlias = Callable[[Contact | None, Owed], tuple[Contact, Owed]]
"""Pure: what a contact becomes, None: there is none, and which buckets were taken from. When it raises nothing is kept.
"""


class Contacts(Protocol):
    """Where people are reached: over a channel in one place without a name, or in several that have one.

    A recipient is one customer or company. A place with a name is one recipient's alone. A channel is as somebody typed
    it: where it is none of ELSEWHERE, `put` and `change` raise NotFound, and nothing is asked of the store.
    """

    async def put(self, contact: Contact, allow: Allow | None = None) -> None:
        """Store it instead of what there is for the same recipient, channel and place.

        Whoever else had a place with that name over the channel has it no more. `allow` is asked with the number of the
        recipient's other places that have a name: no call that asks too stores one of those meanwhile. Raises what it
        raises, and then nothing is stored.
        """

    async def change(self, recipient: Scope, channel: str, become: Become, buckets: Sequence[str] = ()) -> Contact:
        """What `become` makes of the one in the place without a name, given when its `buckets` are full again.

        Both are stored, or nothing. Of many who come at once each sees what the one before has left. A bucket may be
        forgotten when it is full.
        """

    async def remove(self, recipient: Scope, channel: str, place: str = "") -> None:
        """Raises NotFound when there is none."""

    async def forget(self, channel: str, address: str) -> int:
        """Remove every one of the channel with this address, in whichever case, whoever's; how many there were.

        It may take its time: this is for operators.
        """

    async def of(self, recipient: Scope) -> Sequence[Contact]:
        """By the names of their channels, then of their places."""
