"""The published events as JSON Schema: read off the event classes, examples made by the code that writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from inspect import cleandoc
from types import ModuleType
from typing import Any, Final

import attrs

from myticket_core.booking import events as booking
from myticket_core.booking import policies as booking_policies
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.messages import Cause, Envelope, Event, camel
from myticket_core.mypage import policies as mypage_policies
from myticket_core.notification import policies as notification_policies
from myticket_core.payment import events as payment
from myticket_core.payment import policies as payment_policies
from myticket_core.payment.model import Status as PaymentStatus
from myticket_core.reacting import Whenever
from myticket_core.ticket import events as ticket
from myticket_core.ticket import policies as ticket_policies
from myticket_core.ticket.model import Status as TicketStatus
from myticket_core.values import LARGEST
from myticket_core.wire import encode


def _said_in(module: ModuleType) -> list[type[Event]]:
    return [it for it in vars(module).values() if isinstance(it, type) and issubclass(it, Event) and it is not Event]


PUBLISHED: Final[Sequence[type[Event]]] = [kind for module in (ticket, booking, payment) for kind in _said_in(module)]
"""Every event there is, in the order of their modules."""

CONSUMERS: Final[Mapping[str, Whenever]] = {
    "ticket": ticket_policies.WHENEVER,
    "book": booking_policies.WHENEVER,
    "pay": payment_policies.WHENEVER,
    "alarm": notification_policies.WHENEVER,
    "mypage": mypage_policies.WHENEVER,
}
"""Who reacts to what: the context map, as it runs."""

STATUSES: Final[Mapping[str, Sequence[str]]] = {
    "TicketRegistered": (TicketStatus.ON_SALE,),
    "TicketChanged": (TicketStatus.ON_SALE,),
    "TicketDeleted": (TicketStatus.DELETED,),
    "Booked": (BookingStatus.BOOKED,),
    "PaymentDue": (BookingStatus.PENDING,),
    "BookCanceled": (BookingStatus.CANCELED, BookingStatus.EXPIRED, BookingStatus.DECLINED),
    "PaymentApproved": (PaymentStatus.APPROVED,),
    "PaymentCanceled": (PaymentStatus.CANCELED,),
    "RefundFailed": (PaymentStatus.CANCELING,),
}
"""The statuses an event is told with. Readers distinguish by them: taking one away is a change of contract."""

_MEMBERS: Final[Mapping[str, dict[str, Any]]] = {
    "id": {
        "description": "Of what it happened to: ticket, booking, payment, place in a line",
        "minimum": 1,
        "example": 5,
    },
    "book_id": {"description": "The booking it pays for", "minimum": 1, "example": 5},
    "ticket_id": {"minimum": 1, "example": 2},
    "company_id": {"description": "The organizer", "minimum": 1, "example": 1},
    "customer_id": {"description": "The buyer", "minimum": 1, "example": 1},
    "payment_id": {"description": "null: nothing was paid", "minimum": 1, "example": 3},
    "price": {"description": "In the smallest unit of the currency", "minimum": 0, "example": 15000},
    "capacity": {"description": "Seats; null: unlimited", "minimum": 0, "example": 100},
    "start_date": {"description": "Epoch milliseconds", "example": 1800728743511},
    "end_date": {"description": "Epoch milliseconds", "example": 1801074343511},
    "name": {"example": "Concert"},
    "cancel_until": {
        "description": "Buyers may cancel until then, epoch milliseconds; null: always",
        "example": 1800403200000,
    },
    "cancel_fee_percent": {"description": "Of the price", "minimum": 0, "maximum": 100, "example": 10},
    "cancel_fee": {"description": "What its buyer's own cancel costs once it is booked", "minimum": 0, "example": 1500},
    "refund": {"description": "To be given back of what was paid; null: all of it", "minimum": 0, "example": 13500},
    "refunded": {"description": "Given back of the price", "minimum": 0, "example": 13500},
    "amount": {"description": "What could not be given back", "minimum": 0, "example": 13500},
    "expires_at": {"description": "Until when it is held, epoch milliseconds", "example": 1800000600000},
    "occasion": {
        "description": "WAITED: a seat is offered to who waited for it; null: they were to pay later",
        "example": "WAITED",
    },
    "reason": {"description": "For people", "example": "the customer canceled it"},
}
_AT: Final = datetime(2026, 11, 22, 16, 9, tzinfo=UTC)


def schema(kind: type[Event]) -> dict[str, Any]:
    """What this version writes: every member is there, new ones may come. (The originals write eventType and id.)"""
    members = {camel(it.name): _member(kind, it) for it in _fields(kind)}
    properties = {
        "eventType": {"const": kind.__name__},
        "timestamp": {"type": "string", "pattern": "^[0-9]{14}$", "description": "yyyyMMddHHmmss, UTC"},
        **members,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:myticket:event:{kind.__name__}",
        "title": kind.__name__,
        "description": _about(kind),
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "examples": [example(kind)[0]],
    }


def example(kind: type[Event]) -> tuple[dict[str, Any], dict[str, str]]:
    """The value and the headers of one such event, as they are written."""
    said = {it.name: _example(kind, it.name) for it in _fields(kind)}
    cause = Cause(id="0193a5c2f3b27d0b8c1e4f5a6b7c8d9e", correlation_id="order-4711")
    value, headers = encode(Envelope.seal(kind(version=1, **said), cause, "0193a5c2f4017c3f9a2b3c4d5e6f7081", _AT))
    return json.loads(value), headers


def consumers(kind: type[Event]) -> list[str]:
    return [name for name, whenever in CONSUMERS.items() if kind in whenever]


def _fields(kind: type[Event]) -> list[Any]:
    """All but the version, which is a header."""
    return [it for it in attrs.fields(kind) if it.name != "version"]  # type: ignore[arg-type]


def _member(kind: type[Event], field: Any) -> dict[str, Any]:
    if field.name == "status":
        return {"enum": list(map(str, STATUSES[kind.__name__]))}
    type_, *nothing = str(field.type).split(" | ")
    name = {"int": "integer", "str": "string"}[type_]
    bounds = {"maximum": LARGEST} if name == "integer" else {}
    said = {key: value for key, value in _MEMBERS[field.name].items() if key != "example"}
    return {"type": [name, "null"] if nothing else name, **bounds, **said}


def _example(kind: type[Event], name: str) -> Any:
    return str(STATUSES[kind.__name__][0]) if name == "status" else _MEMBERS[name]["example"]


def _about(kind: type[Event]) -> str:
    return f"Said by {kind.SOURCE}. {cleandoc(kind.__doc__ or '')}".strip()
