"""Pages as documents. A document belongs to a view; it counts its changes in `revision`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import attrs
from attrs import frozen

from myticket_core.access import Scope
from myticket_core.errors import Invalid
from myticket_core.mypage.days import AHEAD, DAY
from myticket_core.mypage.model import BookingPage, Entry, OrganizerPage, TicketPage
from myticket_core.mypage.summing import placed
from myticket_core.paging import Order, Paging

AnyPage = TypeVar("AnyPage", BookingPage, TicketPage)

_PART: Final = 2**26


@frozen
class Kind(Generic[AnyPage]):
    """`sortable` members, of which the first is the key."""

    name: str
    page_class: type[AnyPage]
    sortable: tuple[str, ...]

    @property
    def collection(self) -> str:
        return f"{self.name}_pages"

    @property
    def key(self) -> str:
        return self.sortable[0]

    def id(self, view: int, key: int) -> str:
        return f"{view}:{key}"

    def blank(self, key: int) -> AnyPage:
        members: dict[str, Any] = {self.key: key}
        return self.page_class(**members)

    def document(self, page: AnyPage, view: int, revision: int) -> dict[str, Any]:
        members = attrs.asdict(page, recurse=False)
        members["history"] = [attrs.astuple(line) for line in page.history]
        return {"_id": self.id(view, members[self.key]), "view": view, "revision": revision, **members}

    def page(self, document: Mapping[str, Any]) -> AnyPage:
        """An older version of this program left out what it does not know."""
        known = (field.name for field in attrs.fields(self.page_class) if field.name in document)
        members = {name: plain(document[name]) for name in known}
        members["seen"] = tuple((source, int(version)) for source, version in members["seen"])
        members["history"] = tuple(Entry(int(at), of, int(version), to) for at, of, version, to in members["history"])
        return self.page_class(**members)

    def order(self, paging: Paging) -> list[tuple[str, int]]:
        """What to sort by, ties by the key; nothing comes first, as in a sort of Python's. Raises Invalid."""
        wanted = {order.field: order for order in paging.order}
        for field in wanted.keys() - set(self.sortable):
            raise Invalid("sort", field, ", ".join(self.sortable))
        wanted.setdefault(self.key, Order(self.key))
        return [(field, -1 if order.descending else 1) for field, order in wanted.items()]


BOOKINGS: Final = Kind("booking", BookingPage, ("booking_id", "ticket_id", "price", "status", "start_date"))
TICKETS: Final = Kind("ticket", TicketPage, ("ticket_id", "name", "price", "status", "start_date"))


def plain(value: Any) -> Any:
    """An integer as Python's own: the driver gives its own class for a long one, which not every encoder knows."""
    return int(value) if isinstance(value, int) else value


def owned(owner: Scope) -> dict[str, int]:
    """The condition that a document is this owner's."""
    parts = {"company_id": owner.company_id, "customer_id": owner.customer_id}
    return {name: id for name, id in parts.items() if id is not None}


def sums_of(view: int, tickets: Sequence[int]) -> list[dict[str, Any]]:
    """The pipeline that counts the tickets' bookings, and adds up prices and what goes back, by what they came to."""
    group = {name: f"${name}" for name in ("ticket_id", "status", "payment_status")}
    due, back = ({"$ifNull": [f"${name}", "$price"]} for name in ("refund_due", "refund_amount"))
    sums = {**_added("money", "$price"), **_added("due", due), **_added("back", back)}
    return [
        {"$match": {"view": view, "ticket_id": {"$in": list(tickets)}}},
        {"$group": {"_id": group, "number": {"$sum": 1}, **sums}},
    ]


def _added(name: str, amount: Any) -> dict[str, Any]:
    """Of an amount the sum, in two parts, as `persistence.sums` says why; `_whole` reads them."""
    lower = {"$mod": [amount, _PART]}
    upper = {"$divide": [{"$subtract": [amount, lower]}, _PART]}
    return {f"{name}_upper": {"$sum": upper}, f"{name}_lower": {"$sum": lower}}


def _whole(group: Mapping[str, Any], name: str) -> int:
    return int(group[f"{name}_upper"]) * _PART + int(group[f"{name}_lower"])


def days_of(view: int, ticket_id: int) -> list[dict[str, Any]]:
    """The pipeline that counts the ticket's bookings by the day on which each was made."""
    at, day = {"$min": {"$arrayElemAt": ["$history", 0]}}, {"$divide": [{"$add": ["$at", AHEAD]}, DAY]}
    return [
        {"$match": {"view": view, "ticket_id": ticket_id}},
        {"$project": {"history": 1}},
        {"$unwind": "$history"},
        {"$match": {"history.1": "book", "history.3": "BOOKED"}},
        {"$group": {"_id": "$_id", "at": at}},
        {"$group": {"_id": {"$floor": day}, "number": {"$sum": 1}}},
    ]


def summed(page: TicketPage, groups: Iterable[Mapping[str, Any]]) -> OrganizerPage:
    """The page with the groups of `sums_of` that are its ticket's, added up as mypage.summing does."""
    sums = dict.fromkeys(("booked", "canceled", "captured", "kept", "pending", "refunded", "fees", "failed"), 0)
    for group in groups:
        of, money = group["_id"], _whole(group, "money")
        back = _whole(group, "due" if of["payment_status"] == "APPROVED" else "back")
        if of["ticket_id"] == page.ticket_id:
            sums["booked"] += int(group["number"]) * (of["status"] == "BOOKED")
            if of["payment_status"] is not None:
                sums["canceled"] += int(group["number"]) * (of["status"] == "CANCELED")
                for name, sum in placed(of["status"], of["payment_status"], money, back).items():
                    sums[name] += sum
    return OrganizerPage(ticket=page, **sums)


def differing(
    full: int, some: Mapping[int, AnyPage], others: Mapping[int, AnyPage]
) -> tuple[Sequence[int], int | None]:
    """The keys of pages that differ, in two parts of equal beginning; and where to go on, None at the end.

    A part as large as `full` may have more pages behind its last, so that nothing is said beyond that.
    """
    ends = [max(part) for part in (some, others) if len(part) >= full]
    end = min(ends, default=None)
    keys = sorted(key for key in some.keys() | others.keys() if end is None or key <= end)
    return [key for key in keys if some.get(key) != others.get(key)], end
