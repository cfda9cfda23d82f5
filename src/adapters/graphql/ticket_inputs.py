"""What is said of tickets: which are meant, in which order, and their terms."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, Final

import strawberry
from strawberry import UNSET

from adapters.graphql.scalars import Long, to_its_end
from myticket_core.ticket.ports import Search


@strawberry.enum
class TicketSort(Enum):
    ID = "id"
    COMPANY_ID = "company_id"
    PRICE = "price"
    NAME = "name"
    START_DATE = "starts"
    END_DATE = "ends"


@strawberry.input
class TicketOrder:
    field: TicketSort
    descending: bool = False


@strawberry.input(description="What is left out does not narrow; prices and dates include their bounds")
class TicketFilter:
    text: str | None = strawberry.field(default=None, description="Part of the name, whatever the case")
    company_id: Long | None = None
    price_from: Long | None = None
    price_to: Long | None = None
    from_date: datetime | None = strawberry.field(default=None, description="Whose period does not end before")
    to_date: datetime | None = strawberry.field(
        default=None, description="Whose period does not begin after; a day without a time is meant to its end"
    )
    available: bool = strawberry.field(
        default=False, description="true: without what is sold out; what is over, fromDate leaves out"
    )


@strawberry.input(description="An organizer's own companyId may be left out; an admin says whose")
class NewTicket:
    price: Long
    company_id: Long | None = None
    name: str | None = None
    capacity: Long | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    cancel_until: datetime | None = None
    cancel_fee_percent: int | None = None


@strawberry.input(description="What is left out stays as it is")
class TicketPatch:
    price: Long | None = UNSET
    company_id: Long | None = UNSET
    name: str | None = UNSET
    capacity: Long | None = UNSET
    start_date: datetime | None = UNSET
    end_date: datetime | None = UNSET
    cancel_until: datetime | None = UNSET
    cancel_fee_percent: int | None = UNSET


_CORE: Final = {"start_date": "starts", "end_date": "ends"}


def searched(where: TicketFilter) -> Search:
    return Search(
        text=where.text,
        company_id=where.company_id,
        price_from=where.price_from,
        price_to=where.price_to,
        from_date=where.from_date,
        to_date=to_its_end(where.to_date),
        only_available=where.available,
    )


def terms(given: NewTicket | TicketPatch) -> dict[str, Any]:
    """Under the core's names; without what was left out."""
    said = {name: value for name, value in vars(given).items() if value is not UNSET and name != "company_id"}
    return {_CORE.get(name, name): value for name, value in said.items()}
