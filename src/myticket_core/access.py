"""Who may do what: one table, one pure function, for every inbound protocol alike."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import field, frozen

from myticket_core.errors import Forbidden, Invalid, Unauthenticated


class Role(StrEnum):
    ORGANIZER = "organizer"
    CUSTOMER = "customer"
    ADMIN = "admin"
    SERVICE = "service"  # the book service's own credential towards pay


@frozen
class Principal:
    """Who asks, as the token says. An organizer acts for one company, a customer for themselves."""

    subject: str
    role: Role
    company_id: int | None = None
    customer_id: int | None = None


@frozen
class Scope:
    """Whose things may be seen and touched. A part that is None does not narrow; what is narrowed by neither is
    everybody's, which has to be meant: that is EVERYTHING, and `Scope(customer_id=None)` raises ValueError.
    """

    company_id: int | None = None
    customer_id: int | None = None
    everybodys: bool = field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.everybodys != (self.company_id is None and self.customer_id is None):
            raise ValueError("a scope names a company or a customer; everybody's is EVERYTHING")

    def covers(self, *, company_id: int | None = None, customer_id: int | None = None) -> bool:
        return (self.company_id is None or self.company_id == company_id) and (
            self.customer_id is None or self.customer_id == customer_id
        )


EVERYTHING: Final = Scope(everybodys=True)


class Action(StrEnum):
    """What can be asked for; an operation of a protocol names the one it is."""

    READ_TICKETS = "tickets.read"
    REGISTER_TICKET = "tickets.register"
    CHANGE_TICKET = "tickets.change"
    DELETE_TICKET = "tickets.delete"
    READ_SALES = "sales.read"
    READ_DELETION = "sales.deletion"
    STEER_DELETION = "sales.steer"
    BOOK = "books.book"
    READ_BOOKS = "books.read"
    PAY_BOOKING = "books.pay"
    CANCEL_BOOKING = "books.cancel"
    PREVIEW_CANCELLATION = "books.preview"
    CHECK_IN = "books.checkin"
    READ_CHECK_INS = "sales.checkins"
    JOIN_WAITING = "waiting.join"
    LEAVE_WAITING = "waiting.leave"
    READ_WAITING = "waiting.read"
    READ_PAYMENTS = "payments.read"
    APPROVE_PAYMENT = "payments.approve"
    SAY_AS_PROVIDER = "payments.say"  # its own signature says who it is
    READ_CUSTOMER_PAGE = "pages.customer"
    READ_ORGANIZER_PAGE = "pages.organizer"
    READ_NOTIFICATIONS = "notifications.read"
    MARK_NOTIFICATION = "notifications.mark"
    MARK_NOTIFICATIONS = "notifications.mark_all"
    READ_CONTACT = "contacts.read"
    CHANGE_CONTACT = "contacts.change"
    READ_PUSH_KEY = "contacts.key"  # a public one


ANYONE: Final = frozenset({Action.READ_TICKETS, Action.READ_SALES, Action.SAY_AS_PROVIDER, Action.READ_PUSH_KEY})
"""Without a token."""

_OWN_ALONE: Final = frozenset({Action.READ_CONTACT, Action.CHANGE_CONTACT, Action.MARK_NOTIFICATIONS})
"""For oneself alone: where one is reached an operator needs not know, and has no messages to have read."""

_OWN_BUSINESS: Final = _OWN_ALONE | frozenset(
    {
        Action.REGISTER_TICKET,
        Action.CHANGE_TICKET,
        Action.DELETE_TICKET,
        Action.READ_DELETION,
        Action.STEER_DELETION,
        Action.READ_BOOKS,
        Action.CHECK_IN,
        Action.READ_CHECK_INS,
        Action.READ_PAYMENTS,
        Action.READ_ORGANIZER_PAGE,
        Action.READ_NOTIFICATIONS,
        Action.MARK_NOTIFICATION,
    }
)
_OWN_BOOKINGS: Final = _OWN_ALONE | frozenset(
    {
        Action.BOOK,
        Action.READ_BOOKS,
        Action.PAY_BOOKING,
        Action.CANCEL_BOOKING,
        Action.PREVIEW_CANCELLATION,
        Action.JOIN_WAITING,
        Action.LEAVE_WAITING,
        Action.READ_WAITING,
        Action.READ_PAYMENTS,
        Action.READ_CUSTOMER_PAGE,
        Action.READ_NOTIFICATIONS,
        Action.MARK_NOTIFICATION,
    }
)
MAY: Final[dict[Role, frozenset[Action]]] = {
    Role.ORGANIZER: ANYONE | _OWN_BUSINESS,
    Role.CUSTOMER: ANYONE | _OWN_BOOKINGS,
    Role.ADMIN: frozenset(Action) - _OWN_ALONE,
    Role.SERVICE: ANYONE | {Action.APPROVE_PAYMENT, Action.READ_PAYMENTS},
}


def allowed(principal: Principal | None, action: Action) -> Scope:
    """The scope in which `principal` may do `action`. Raises Unauthenticated, Forbidden."""
    if action in ANYONE:
        return EVERYTHING
    if principal is None:
        raise Unauthenticated("this needs a token: send Authorization: Bearer …")
    if action not in MAY[principal.role]:
        raise Forbidden(f"{principal.role} may not {action}")
    return scope_of(principal)


def may(principal: Principal | None, action: Action) -> bool:
    """Whether the policy lets `principal` do `action` to anything at all."""
    return action in ANYONE or (principal is not None and action in MAY[principal.role])


def scope_of(principal: Principal) -> Scope:
    """A role without its own id owns nothing and is refused, rather than owning everything."""
    match principal.role:
        case Role.ADMIN | Role.SERVICE:
            return EVERYTHING
        case Role.ORGANIZER if principal.company_id is not None:
            return Scope(company_id=principal.company_id)
        case Role.CUSTOMER if principal.customer_id is not None:
            return Scope(customer_id=principal.customer_id)
    raise Forbidden(f"the token of this {principal.role} does not say which one it is")


def own(member: str, mine: int | None, said: int | None) -> int | None:
    """Whose it is: the token's, which what is said must match; without one, what is said. Raises Invalid."""
    if mine is None:
        return said
    if said is not None and said != mine:
        raise Invalid(member, said, f"{mine}, which is yours, or nothing")
    return mine
