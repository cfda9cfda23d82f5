"""/webhooks/stripe: what a payment provider says of its own accord. It is kept before it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from attrs import frozen
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from adapters.rest.call import Call
from adapters.rest.reading import Member, Shape, text
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, operation, route
from myticket_core.access import Action
from myticket_core.errors import NotFound

Hear: TypeAlias = Callable[[bytes, str], Awaitable[object]]


class Heard(Struct):
    received: bool


EVENT: Final = Shape("StripeEvent", (
    Member("id", text(255), "Stripe's own id of it: the same one is kept once", "evt_1", required=True),
    Member("type", text(255), "What it is about", "refund.updated", required=True),
))  # fmt: skip
_ABOUT: Final = (
    "For Stripe alone: the signature in `Stripe-Signature` takes the place of a token. What it says is a hint to ask "
    "Stripe what it knows, and is not believed. 404 where Stripe's webhooks are not set up."
)


@frozen
class Webhooks:
    """`hear` None: nobody says anything here."""

    hear: Hear | None

    def routes(self) -> Sequence[HTTPRouteHandler]:
        answers = {200: Answered("It is kept, and will be followed", Heard, Heard(received=True))}
        what, refused = "Something happened at Stripe", ("unauthenticated", "not_found")
        told = operation("webhooks", "hearStripe", what, answers, *refused, takes=EVENT, about=_ABOUT)
        return (route("POST", "/webhooks/stripe", self.stripe, Action.SAY_AS_PROVIDER, told),)

    async def stripe(self, call: Call) -> Reply:
        if self.hear is None:
            raise NotFound("webhook", "stripe")
        await self.hear(await call.whole(), call.headers.get(b"stripe-signature", ""))
        return call.answer(Heard(received=True))
