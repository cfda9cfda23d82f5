"""What a check is, and small helpers that several of them use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias, TypeVar

from attrs import frozen

from myticket_core.invariants.rows import Snapshot

Found: TypeAlias = Iterator[tuple[str, tuple[object, ...]]]
"""What is wrong, in words, and the ids it is wrong with."""

Row = TypeVar("Row")
Key = TypeVar("Key", bound=Hashable)


@frozen
class Violation:
    """An invariant of docs that does not hold, and where."""

    invariant: int
    what: str
    ids: tuple[object, ...]


@frozen
class Check:
    """`needs`: the parts of a snapshot without which it says nothing. `always`: it holds at every instant, as long as
    the snapshot shows all its parts at the same one; the others hold at rest.
    """

    invariant: int
    name: str
    find: Callable[[Snapshot], Found]
    needs: tuple[str, ...]
    always: bool = False

    def missing(self, snapshot: Snapshot) -> tuple[str, ...]:
        return tuple(part for part in self.needs if getattr(snapshot, part) is None)


KINDS: Final = {
    "TicketRegistered": "ticket",
    "TicketChanged": "ticket",
    "TicketDeleted": "ticket",
    "Booked": "booking",
    "BookCanceled": "booking",
    "PaymentDue": "booking",
    "PaymentApproved": "payment",
    "PaymentCanceled": "payment",
    "RefundFailed": "payment",
    "WaitingEnded": "place",
    "SoldOut": "sale",
    "BackOnSale": "sale",
}
"""Event → the aggregate it is said of; (kind, key) is one aggregate, since a booking has one payment."""


LAST: Final[Mapping[tuple[str, str], tuple[str | None, ...]]] = {
    ("ticket", "ON_SALE"): ("TicketRegistered", "TicketChanged"),
    ("ticket", "DELETED"): ("TicketDeleted",),
    ("booking", "PENDING"): (None, "PaymentDue"),
    ("booking", "BOOKED"): ("Booked",),
    ("booking", "DECLINED"): (None, "BookCanceled"),
    ("booking", "EXPIRED"): ("BookCanceled",),
    ("booking", "CANCELED"): ("BookCanceled",),
    ("payment", "REQUESTED"): (None,),
    ("payment", "APPROVED"): ("PaymentApproved",),
    ("payment", "DECLINED"): (None,),
    ("payment", "CANCELING"): (None, "PaymentApproved", "RefundFailed"),
    ("payment", "CANCELED"): ("PaymentCanceled",),
    ("payment", "VOID"): (None,),
    **{("place", status): (None, "WaitingEnded") for status in ("WAITING", "OFFERED", "TAKEN", "LAPSED", "LEFT")},
}
"""What an aggregate in that status has said last."""


def by(key: Callable[[Row], Key], rows: Iterable[Row]) -> dict[Key, list[Row]]:
    """The rows under each key, in their order."""
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)
