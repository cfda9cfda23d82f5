"""What the buyer of a ticket was shown beside its price, and agrees to by booking: fields of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.web.visit import Visit

SHOWN: Final = {"starts": "startDate", "ends": "endDate", "cancelUntil": "cancelUntil",
                "cancelFeePercent": "cancelFeePercent"}  # fmt: skip
"""Field → member of a ticket."""


def shown(ticket: Mapping[str, Any]) -> Mapping[str, str]:
    return {field: "" if ticket[name] is None else str(ticket[name]) for field, name in SHOWN.items()}


async def changed(visit: Visit, form: Mapping[str, str], seconds: float) -> bool:
    """Whether the ticket is another one by now than the form was made for. Raises Stale.

    Who is not told so within `seconds` books what they saw: while ticket is away nobody changes one, and booking sells.
    What a form says nothing of was not in it when it was made.
    """
    answer = await visit.soon(f"/tickets/{visit.id}", seconds)
    if answer is None or answer.status != 200:
        return False
    return any(form.get(field, now) != now for field, now in shown(answer.said).items())
