"""What a graph is made over: the use cases of the contexts it serves, and reads of many at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from attrs import frozen

from adapters.graphql.watching import Watch
from myticket_core.access import Principal, Scope
from myticket_core.booking.book import BookTicket
from myticket_core.booking.browse import BrowseBookings
from myticket_core.booking.cancel import CancelBooking
from myticket_core.booking.check_in import CheckInGuests
from myticket_core.booking.deletion import Deletions
from myticket_core.booking.resume import ResumePayment
from myticket_core.booking.sale import Sale
from myticket_core.booking.wait import WaitForSeat
from myticket_core.messages import Cause
from myticket_core.mypage.browse import BrowsePages
from myticket_core.mypage.catch_up import CatchUp
from myticket_core.notification.reach import ReachPeople
from myticket_core.notification.read import ReadNotifications
from myticket_core.notification.subscribe import SubscribeBrowsers
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.browse import BrowsePayments
from myticket_core.payment.model import Payment
from myticket_core.payment.ports import Deadline
from myticket_core.ticket.change import ChangeTicket
from myticket_core.ticket.delete import DeleteTicket
from myticket_core.ticket.model import Ticket
from myticket_core.ticket.register import RegisterTicket
from myticket_core.ticket.search import SearchTickets

TicketsOf: TypeAlias = Callable[[Sequence[int]], Awaitable[Sequence[Ticket]]]
"""Those of the numbered tickets that are not deleted, in one read."""
SalesOf: TypeAlias = Callable[[Sequence[int]], Awaitable[Sequence[Sale]]]
"""The sales of the numbered tickets that there are, in one read."""
PaymentsOf: TypeAlias = Callable[[Sequence[int], Scope], Awaitable[Sequence[Payment]]]
"""The payments of the numbered bookings that there are and that are within the scope, in one read."""


class TicketCases(Protocol):
    @property
    def register(self) -> RegisterTicket: ...
    @property
    def change(self) -> ChangeTicket: ...
    @property
    def delete(self) -> DeleteTicket: ...
    @property
    def search(self) -> SearchTickets: ...


class BookingCases(Protocol):
    @property
    def book(self) -> BookTicket: ...
    @property
    def resume(self) -> ResumePayment: ...
    @property
    def cancel(self) -> CancelBooking: ...
    @property
    def browse(self) -> BrowseBookings: ...
    @property
    def deletions(self) -> Deletions: ...
    @property
    def wait(self) -> WaitForSeat: ...
    @property
    def check_in(self) -> CheckInGuests: ...


class PaymentCases(Protocol):
    @property
    def approve(self) -> ApprovePayment: ...
    @property
    def browse(self) -> BrowsePayments: ...


class NotificationCases(Protocol):
    @property
    def read(self) -> ReadNotifications: ...
    @property
    def reach(self) -> ReachPeople: ...
    @property
    def subscribe(self) -> SubscribeBrowsers: ...


class PageCases(Protocol):
    @property
    def browse(self) -> BrowsePages: ...
    @property
    def catch_up(self) -> CatchUp: ...


@frozen
class Tickets:
    cases: TicketCases
    many: TicketsOf


@frozen
class Bookings:
    cases: BookingCases
    sales: SalesOf
    watch: Watch


@frozen
class Payments:
    cases: PaymentCases
    many: PaymentsOf


@frozen
class Pages:
    """`watch` of the pages of bookings."""

    cases: PageCases
    watch: Watch


@frozen(kw_only=True)
class UseCases:
    """None: that context is served elsewhere, and no part of this graph."""

    ticket: Tickets | None = None
    book: Bookings | None = None
    pay: Payments | None = None
    alarm: NotificationCases | None = None
    mypage: Pages | None = None


class Asker(Protocol):
    """Who sent a request, and on what terms, as the door has found out."""

    @property
    def principal(self) -> Principal | None: ...

    @property
    def correlation_id(self) -> str: ...

    def cause(self, command: str, key: str | None, order: object) -> Cause:
        """Why what follows happens; with a key it happens once. `command`: by its place in REST, so that a key is
        the same over both. Raises Invalid.
        """

    def pays(self, more: int) -> None:
        """For what a document reads and does beside the first thing. Raises what the door answers to who cannot."""

    def deadline(self) -> Deadline | None:
        """Until when the caller waits, if it says so. Raises Invalid."""
