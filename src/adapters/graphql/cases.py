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


@frozen
class Tickets:
    register: RegisterTicket
    change: ChangeTicket
    delete: DeleteTicket
    search: SearchTickets
    many: TicketsOf


@frozen
class Bookings:
    book: BookTicket
    resume: ResumePayment
    cancel: CancelBooking
    browse: BrowseBookings
    deletions: Deletions
    wait: WaitForSeat
    check_in: CheckInGuests
    sales: SalesOf
    watch: Watch


@frozen
class Payments:
    approve: ApprovePayment
    browse: BrowsePayments
    many: PaymentsOf


@frozen
class Notifications:
    read: ReadNotifications
    reach: ReachPeople
    subscribe: SubscribeBrowsers


@frozen
class Pages:
    """`watch` of the pages of bookings."""

    browse: BrowsePages
    catch_up: CatchUp
    watch: Watch


@frozen(kw_only=True)
class UseCases:
    """None: that context is served elsewhere, and no part of this graph."""

    ticket: Tickets | None = None
    book: Bookings | None = None
    pay: Payments | None = None
    alarm: Notifications | None = None
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
