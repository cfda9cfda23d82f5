"""What an original's event leaves out, as far as the service that it comes from says it when it is asked."""

from __future__ import annotations

from typing import Any, Final, TypeVar, cast

from attrs import evolve

from myticket_core.messages import Event
from myticket_core.ports import Owners

Said = TypeVar("Said", bound=Event)

ASKED_FOR: Final = ("book_id", "ticket_id", "price", "company_id", "customer_id", "start_date", "end_date")
"""Whose it is and what it is about. What has become of it the event says itself: since then it may have changed."""


async def completed(event: Said, owners: Owners | None) -> Said:
    """The event with more of what it is about, or as it is. What it says itself is not looked up, nor replaced."""
    if owners is None or not poor(event):
        return event
    found = await owners.ask(event.SOURCE, event.id)
    more = {name: value for name, value in found.items() if lacks(event, name)}
    return cast(Said, evolve(cast(Any, event), **more))


def poor(event: Event) -> bool:
    """Whether it is an original's, of a booking or a payment, and says nothing of whose it is."""
    return event.version is None and lacks(event, "customer_id")


def lacks(event: Event, name: str) -> bool:
    """Whether it could say this, and does not."""
    return name in ASKED_FOR and getattr(event, name, "has no such member") is None
