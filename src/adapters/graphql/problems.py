"""What can come instead of what was asked for: types with the codes that REST's problems have."""

from __future__ import annotations

import math
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final

import strawberry
import structlog

from adapters.graphql.scalars import Long
from myticket_core.errors import (
    Forbidden,
    InDoubt,
    Invalid,
    MyticketError,
    NotFound,
    Rejected,
    Unauthenticated,
    Unavailable,
    plain,
)
from myticket_core.messages import asked_as

NOT_NOW: Final = "Not now, but soon; nothing happened"
DOUBT: Final = "No answer came in time: it may or may not have happened"
log = structlog.get_logger("myticket.graphql")


_shared = partial(strawberry.federation.type, shareable=True)
"""A type that several services' graphs have."""


@strawberry.interface(description="Why it did not happen; `code` is that of REST's problems")
class Problem:
    CODE: ClassVar[str]
    code: str
    message: str


@_shared(name="InvalidInput", description="A value is not acceptable: correct `member` and ask again")
class InvalidInput(Problem):
    CODE: ClassVar = "invalid"
    member: str
    allowed: str


@_shared(name="Unauthenticated", description="A valid token is needed")
class NobodyKnown(Problem):
    CODE: ClassVar = "unauthenticated"


@_shared(name="Forbidden", description="This role may not do this")
class NotAllowed(Problem):
    CODE: ClassVar = "forbidden"


@_shared(name="NotFound", description="There is no such thing, or it is not yours")
class Missing(Problem):
    CODE: ClassVar = "not_found"


@_shared(name="Unavailable", description=NOT_NOW)
class NotNow(Problem):
    CODE: ClassVar = "unavailable"
    retry_after: int = strawberry.field(description="In seconds")


@_shared(name="InDoubt", description=DOUBT)
class Doubtful(Problem):
    CODE: ClassVar = "in_doubt"


@_shared(description="The idempotency key came with another request before")
class KeyReused(Problem):
    CODE: ClassVar = "key_reused"


@strawberry.type(description="No seat is left")
class SoldOut(Problem):
    CODE: ClassVar = "sold_out"
    remaining: Long


@strawberry.type(description="The price is another one now")
class PriceChanged(Problem):
    CODE: ClassVar = "price_changed"
    price: Long


@strawberry.type(description="It has changed since it was looked at; look again, nothing was changed now")
class ChangedMeanwhile(Problem):
    CODE: ClassVar = "changed_meanwhile"


@strawberry.type(description="The ticket is not on sale any more")
class Closed(Problem):
    CODE: ClassVar = "closed"


@strawberry.type(description="Pay or cancel a booking that waits for its payment first")
class TooManyHolds(Problem):
    CODE: ClassVar = "too_many_holds"
    limit: Long


@strawberry.type(description="There is nothing to wait for: book a seat")
class SeatsLeft(Problem):
    CODE: ClassVar = "seats_left"
    remaining: Long | None = strawberry.field(description="null: unlimited")


@strawberry.type(description="Leave another line first")
class TooManyPlaces(Problem):
    CODE: ClassVar = "too_many_places"
    limit: Long


@strawberry.type(description="Remove another browser first")
class TooManySubscriptions(Problem):
    CODE: ClassVar = "too_many_subscriptions"
    limit: Long


@strawberry.type(description="So many codes were sent that more have to wait")
class TooManyConfirmations(Problem):
    CODE: ClassVar = "too_many_confirmations"
    retry_after: int = strawberry.field(description="In seconds")


@strawberry.type(description="This code does not confirm the address; have one sent to it")
class WrongCode(Problem):
    CODE: ClassVar = "wrong_code"


@strawberry.type(description="Canceling costs more by now than was agreed to, and nothing is canceled")
class FeeChanged(Problem):
    CODE: ClassVar = "fee_changed"
    fee: Long


@strawberry.type(description="The booking cannot be canceled any more")
class TooLate(Problem):
    CODE: ClassVar = "too_late"
    cancel_until: datetime | None


@strawberry.type(description="Only a booking that is paid and stands lets anybody in")
class NotBooked(Problem):
    CODE: ClassVar = "not_booked"
    book_status: str


@strawberry.type(description="Somebody was let in with it already")
class AlreadyCheckedIn(Problem):
    CODE: ClassVar = "checked_in"
    checked_in_at: datetime


@strawberry.type(description="The booking is paid for on other terms")
class AnotherPayment(Problem):
    CODE: ClassVar = "another_payment"
    price: Long | None


PUBLIC: Final[tuple[type[Problem], ...]] = (InvalidInput, NotNow)
"""Whatever is asked."""
GUARDED: Final[tuple[type[Problem], ...]] = (*PUBLIC, NobodyKnown, NotAllowed)
"""Whatever needs a token."""
_REJECTED: Final[dict[str, type[Problem]]] = {
    kind.CODE: kind
    for kind in (
        KeyReused,
        SoldOut,
        PriceChanged,
        ChangedMeanwhile,
        Closed,
        TooManyHolds,
        SeatsLeft,
        TooManyPlaces,
        TooManySubscriptions,
        TooManyConfirmations,
        WrongCode,
        FeeChanged,
        TooLate,
        NotBooked,
        AlreadyCheckedIn,
        AnotherPayment,
    )
}


def problem_of(error: MyticketError) -> Problem | None:
    """None: an error nobody expected here."""
    match error:
        case Invalid():
            member = asked_as(error.member)
            return _made(InvalidInput, f"{member} is not acceptable; allowed: {error.allowed}", member=member,
                         allowed=plain(error.allowed))  # fmt: skip
        case Rejected() if error.code in _REJECTED:
            return _made(_REJECTED[error.code], str(error), **error.facts)
        case NotFound():
            return _made(Missing, str(error))
        case Unauthenticated():
            return _made(NobodyKnown, str(error))
        case Forbidden():
            return _made(NotAllowed, str(error))
        case Unavailable() | InDoubt():
            return _silent(error)
    return None


def _silent(error: Unavailable | InDoubt) -> Problem:
    """What does not answer us is told to the log alone: its address is nobody's business."""
    log.warning("field not served", why=str(error))
    if isinstance(error, InDoubt):
        return _made(Doubtful, DOUBT)
    return _made(NotNow, NOT_NOW, retry_after=error.retry_after)


def _made(kind: type[Problem], message: str, **facts: Any) -> Problem:
    """Of the facts those that the kind tells."""
    names = [field.name for field in fields(kind) if field.name not in ("code", "message")]
    told = {name: seconds(fact) if isinstance(fact := facts.get(name), timedelta) else fact for name in names}
    members: dict[str, Any] = {"code": kind.CODE, "message": plain(message), **told}
    return kind(**members)


def seconds(wait: timedelta) -> int:
    """Whole ones, at least one."""
    return max(1, math.ceil(wait.total_seconds()))
