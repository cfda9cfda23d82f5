"""What payment needs, said as guarantees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.messages import Cause, Decision, Event, Kept
from myticket_core.paging import Page, Paging
from myticket_core.payment.model import Payment, PaymentId

Result = TypeVar("Result")
Settle: TypeAlias = Callable[[Payment | None, PaymentId], Decision[Payment]]
"""Pure: from the booking's payment (None: it has none yet) and an id for a new one."""


class Deadline(Protocol):
    """How long whoever asked waits for the answer, by a clock that is never set."""

    def over(self) -> bool:
        """Nobody waits any more."""

    async def bound(self, job: Awaitable[Result]) -> Result:
        """What the job comes to; given up when it takes longer than that. Raises InDoubt: it may have done its work."""


class PaymentBook(Protocol):
    """The payments, one per booking."""

    async def change(self, booking_id: int, decide: Settle, cause: Cause) -> Payment:
        """Store what `decide` makes of the booking's payment, state and events in one commit or not at all.

        Once per cause of a consumer, whatever its key: what follows from a request is not the request. However many
        callers race, a booking has one payment.
        """

    async def change_once(self, booking_id: int, decide: Settle, cause: Cause) -> Kept[Payment]:
        """`change`, as a caller asked for it, once per cause.key; remembered also when it changes nothing.

        A repeat of the key decides nothing and returns the payment as it is now; with another fingerprint:
        Rejected("key_reused"). Raises what `decide` raises: then the key is free.
        """

    async def recover(self, told: Payment, said: Event, cause: Cause) -> None:
        """Store the payment as `said`, an event that is the cause, has told it, unless what is here is as far
        (Payment.recovered). Nobody is told. Numbers drawn from then on are above its own.
        """

    async def get(self, id: PaymentId, owner: Scope) -> Payment:
        """Raises NotFound, also when it is somebody else's."""

    async def of_booking(self, booking_id: int, owner: Scope) -> Payment:
        """Raises NotFound, also when it is somebody else's."""

    async def list(self, owner: Scope, paging: Paging) -> Page[Payment]:
        """Sortable by id, booking_id, ticket_id, price, status, created_at; else Invalid("sort", …)."""

    async def unsettled(
        self, asked_before: datetime, due_by: datetime, after: PaymentId, limit: int
    ) -> Sequence[Payment]:
        """Open refunds that are due by then, and those in doubt that were last asked for before; id above `after`,
        by id.
        """

    async def troubled(self, after: PaymentId, limit: int) -> Sequence[Payment]:
        """All that are in doubt or CANCELING, failed refunds too; id above `after`, by id."""


@frozen
class Charged:
    reference: str


@frozen
class Refused:
    reason: str


@frozen
class GivenBack:
    """The money is with the buyer again, or irrevocably on its way."""

    reference: str


@frozen
class GivingBack:
    """The provider has taken the refund on, and will say whether it succeeds."""

    reference: str


@frozen
class NotGivenBack:
    """The refund has failed for good; only another round of it can succeed."""

    reason: str


Repaid: TypeAlias = GivenBack | GivingBack | NotGivenBack


class PaymentProvider(Protocol):
    """Whoever moves the money. Everything is by key, so asking again is always safe."""

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
        """At most one charge per key, of 1 or more; a repeat returns what the first call came to.

        Raises Unavailable: this call certainly charged nothing. Raises InDoubt: it may have.
        """

    async def find(self, key: str) -> Charged | Refused | None:
        """What the charge of the key came to, None: there is none (yet). Raises Unavailable; InDoubt: it is under
        way.
        """

    async def refund(self, key: str, amount: int, round: int) -> Repaid:
        """Give `amount` of the key's money back: at most one refund of a key is ever under way or made.

        A repeat returns what became of that one, whatever its amount or round; a higher round than that of the
        last one begins anew if all before it have failed. Raises NotFound: nothing was charged; Unavailable: this
        call began nothing; InDoubt: it may have.
        """

    async def find_refund(self, key: str) -> Repaid | None:
        """What became of the key's refund, of the last one if several have failed; None: there is none (yet).

        Raises Unavailable.
        """


class References(Protocol):
    """What a provider that names its charges itself calls the charge of each key; kept before any money moves."""

    async def remember(self, key: str, reference: str) -> str:
        """The key's reference from now on, durably: the first that was ever remembered, however many race."""

    async def of(self, key: str) -> str | None:
        """The key's reference. Raises Unavailable."""

    async def key_of(self, reference: str) -> str | None:
        """The key whose reference that is. Raises Unavailable."""


@frozen
class Hint:
    """A provider says that something has happened to the charge of `key`, or of `reference`; `id` is its own for that.

    It is never believed, only followed: the provider is asked what it knows.
    """

    id: str
    kind: str
    key: str | None = None
    reference: str | None = None


ReadHint: TypeAlias = Callable[[bytes, str], Hint | None]
"""A provider's message from its bytes and their signature; None: it is about nothing of ours.

Raises Unauthenticated when the provider did not say this just now, Invalid when it cannot be read.
"""


class Hints(Protocol):
    """What providers have said of their own accord, until it is followed."""

    async def keep(self, hint: Hint) -> None:
        """Durable when this returns; once per id, however often it is said."""

    async def waiting(self, limit: int) -> Sequence[Hint]:
        """Those not followed yet, the oldest first."""

    async def followed(self, ids: Sequence[str]) -> None:
        """These are dealt with: never offered again, nor kept again. Unknown ids are ignored."""
