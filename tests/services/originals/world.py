"""Our services as the originals stood when they were recorded: six tickets, bookings of the second one, all paid."""

from __future__ import annotations

import json
from typing import Any

import httpx

from adapters.rest.auth import TrustedMesh
from myticket_core.errors import InDoubt
from tests.services.originals.shape import Answer
from tests.services.originals.transcripts import Request
from tests.services.rest_world import World

PRICES = (15000, 15000, 15000, 100, 300, 200)
LASTING = {"startDate": "2012-04-23T18:25:43.511+0000", "endDate": "2012-04-27T18:25:43.511+0000"}
_WHO = {
    "tickets": "organizer 1",
    "books": "customer 1",
    "customerManagementPages": "customer 1",
    "mypages": "customer 1",
}
"""By the first part of the path; of all else the admin sees all there is."""


class Standing(World):
    """The originals ask nobody for a token: each request gets the one that its sender would have.

    In a trusted `mesh` there is none here either.
    """

    def __init__(self, *, mesh: bool = False) -> None:
        super().__init__(**({"tokens": TrustedMesh()} if mesh else {}))
        self.mesh = mesh

    async def stand(self, second: int = 15000, bookings: int = 4) -> None:
        """The second ticket costs `second`."""
        for price in (PRICES[0], second, *PRICES[2:]):
            await self.ticket(price=price, companyId=1)
        for _ in range(bookings):
            answer = await self.ask("customer 1", "POST", "/books", {"ticketId": 2, "customerId": 1, **LASTING})
            assert answer.status_code == 201, answer.text
        await self.settle()

    async def played(self, request: Request) -> Answer:
        """The request as it was recorded, and what it did all done."""
        answer = await self.ask(self._who(request), request.method, request.path, headers=request.headers,
                                content=request.body)  # fmt: skip
        await self.settle()
        return answered(answer)

    def hang(self) -> None:
        """The provider charges, and does not say so."""

        async def charge(*_: Any) -> Any:
            raise InDoubt("no answer")

        self.provider.charge = charge  # type: ignore[method-assign]

    def _who(self, request: Request) -> str | None:
        return None if self.mesh else _WHO.get(request.path.split("?")[0].split("/")[1], "admin")


def answered(answer: httpx.Response) -> Answer:
    return Answer.of(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.text)


def said(body: str | None) -> dict[str, Any]:
    """The members of a request's body; none when it has no readable ones."""
    try:
        members = json.loads(body or "{}")
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}
