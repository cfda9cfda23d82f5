"""What is said to a payment service and by it. Nothing but the booking's own terms, paid, is an approval."""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec
import structlog
from msgspec import Struct
from msgspec import field as member

from adapters.rest.dates import written_or_null
from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Approved, Declined, Outcome, Unknown, Void
from myticket_core.errors import Unavailable

log = structlog.get_logger("myticket.rest")

PAID: Final = frozenset({"APPROVED", "PayApproved"})
ENDED: Final = frozenset({"CANCELING", "CANCELED", "PayCanceled"})
_LAST_NUMBER: Final = re.compile(r"/payments/(\d{1,16})$", re.ASCII)
_BEST: Final = (Approved, Unknown, Declined, Void)  # an original may have several payments of a booking


class ProblemBody(Struct, rename="camel"):
    """What answers other than 2xx say; everything may be missing, and of a page of a proxy everything is."""

    book_id: int | None = None
    code: str | None = None
    detail: str | None = None
    reason: str | None = None
    price: int | None = None


class _Link(Struct):
    href: str = ""


class _Payment(Struct, rename="camel"):
    """An original's has no id but in its link."""

    book_id: int | None = None
    price: int | None = None
    customer_id: int | None = None
    ticket_id: int | None = None
    status: str | None = None
    reason: str | None = None
    in_doubt: bool | None = None  # who does not say it may well be
    id: int | None = None
    links: dict[str, _Link] = member(name="_links", default_factory=dict)


class _Payments(Struct):
    payments: list[_Payment]


class _List(Struct):
    embedded: _Payments = member(name="_embedded")


Said = TypeVar("Said")


def asked(booking: Booking) -> bytes:
    """The body that the book service of the originals sends; an original keeps the status, ours does not believe it."""
    members = {
        "id": None,
        "bookId": booking.id,
        "ticketId": booking.ticket_id,
        "price": booking.price,
        "companyId": booking.company_id,
        "customerId": booking.customer_id,
        "startDate": written_or_null(booking.starts),
        "endDate": written_or_null(booking.ends),
        "status": "PayApproved",
    }
    return msgspec.json.encode(members if booking.method is None else members | {"paymentMethod": booking.method})


def problem(body: bytes | None) -> ProblemBody:
    return _read(body, ProblemBody) or ProblemBody()


def paid(booking: Booking, body: bytes | None) -> Outcome:
    """Of an answer that says it is paid: Approved if it is the booking that was paid, else Unknown."""
    said = _read(body, _Payment)
    if said is None:
        return _doubt(booking, "it cannot be read")
    if said.status not in PAID:
        return _doubt(booking, f"its status is {said.status}")
    return _approved(booking, said)


def found(booking: Booking, body: bytes | None) -> Outcome | None:
    """Of the list of the booking's payments; None: nothing was charged, nor will be. Raises Unavailable: it is none."""
    said = _read(body, _List)
    if said is None:
        raise Unavailable(f"booking {booking.id}: pay's list of payments cannot be read")
    outcomes = [outcome for payment in said.embedded.payments if (outcome := _outcome(booking, payment))]
    return min(outcomes, key=_weight, default=None)


def _weight(outcome: Outcome) -> tuple[int, int]:
    return _BEST.index(type(outcome)), outcome.payment_id if isinstance(outcome, Approved) else 0


def _outcome(booking: Booking, said: _Payment) -> Outcome | None:
    if said.book_id != booking.id:
        return _doubt(booking, f"it is about booking {said.book_id}")
    if said.status in ENDED:
        return Void()
    match said.status:
        case "DECLINED":
            return Declined(said.reason or "declined")
        case "REQUESTED":
            return None if said.in_doubt is False and not _other(booking, said) else Unknown()
        case status if status in PAID:
            return _approved(booking, said)
    return _doubt(booking, f"its status is {said.status}")


def _approved(booking: Booking, said: _Payment) -> Outcome:
    if other := _other(booking, said):
        return _doubt(booking, other)
    id = said.id or _linked(said.links)
    return Approved(id) if id else _doubt(booking, "it does not say which payment it is")


def _other(booking: Booking, said: _Payment) -> str | None:
    """In which way it is not about the booking and its terms; None: it is."""
    terms = (
        ("booking", booking.id, said.book_id),
        ("price", booking.price, said.price),
        ("customer", booking.customer_id, said.customer_id),
        ("ticket", booking.ticket_id, said.ticket_id),
    )
    for name, asked, told in terms:
        if told != asked and (name in ("booking", "price") or told is not None):
            return f"its {name} is {told}, not {asked}"
    return None


def _linked(links: dict[str, _Link]) -> int | None:
    number = _LAST_NUMBER.search(links["self"].href if "self" in links else "")
    return int(number[1]) if number else None


def _doubt(booking: Booking, why: str) -> Unknown:
    log.warning("pay's answer is not about what was asked", book_id=booking.id, why=why)
    return Unknown()


def _read(body: bytes | None, kind: type[Said]) -> Said | None:
    """None: it is not that."""
    try:
        return msgspec.json.decode(body or b"", type=kind)
    except (ValueError, RecursionError):
        return None
