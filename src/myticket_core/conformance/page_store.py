"""Pages, and what is said of bookings and tickets, to try adapters with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import define, frozen

from myticket_core.booking.events import BookCanceled, Booked
from myticket_core.conformance.builders import NOW
from myticket_core.messages import Cause
from myticket_core.mypage.model import BookingPage, TicketPage
from myticket_core.mypage.ports import Pages, Projection, Views
from myticket_core.mypage.project import OfBooking, OfPayment, OfTicket, Project, ProjectPages
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.ticket.events import TicketDeleted, TicketRegistered


@frozen
class PageStore:
    """All on one database; `projection` writes to whatever view is live."""

    projection: Projection
    pages: Pages
    views: Views


def booked(id: int, ticket_id: int = 6, price: int = 15_000) -> Booked:
    return Booked(
        id=id, version=1, ticket_id=ticket_id, company_id=1, customer_id=7, price=price, start_date=1, status="BOOKED"
    )


def canceled(
    id: int, ticket_id: int = 6, price: int = 15_000, status: str = "CANCELED", refund: int | None = None
) -> BookCanceled:
    members: dict[str, Any] = {"ticket_id": ticket_id, "company_id": 1, "customer_id": 7, "price": price}
    members |= {"start_date": 1, "refund": refund}
    return BookCanceled(id=id, version=2, status=status, reason="as arranged", **members)


def paid(id: int, ticket_id: int = 6, price: int = 15_000) -> PaymentApproved:
    members = {"ticket_id": ticket_id, "company_id": 1, "customer_id": 7, "price": price}
    return PaymentApproved(id=id + 100, version=1, book_id=id, status="APPROVED", **members)


def refund_failed(id: int, ticket_id: int = 6, price: int = 15_000, amount: int | None = None) -> RefundFailed:
    members: dict[str, Any] = {"ticket_id": ticket_id, "company_id": 1, "customer_id": 7, "price": price}
    return RefundFailed(id=id + 100, version=2, book_id=id, status="CANCELING", amount=amount, **members)


def refunded(id: int, ticket_id: int = 6, price: int = 15_000, back: int | None = None) -> PaymentCanceled:
    members: dict[str, Any] = {"ticket_id": ticket_id, "company_id": 1, "customer_id": 7, "price": price}
    members["refunded"] = back
    return PaymentCanceled(id=id + 100, version=2, book_id=id, status="CANCELED", **members)


def registered(id: int, name: str = "서울 '1'", price: int = 15_000, start_date: int | None = None) -> TicketRegistered:
    terms: dict[str, Any] = {"name": name, "price": price, "capacity": 2**53 - 1, "start_date": start_date}
    return TicketRegistered(id=id, version=1, company_id=1, status="ON_SALE", **terms)


def ticket_deleted(id: int) -> TicketDeleted:
    return TicketDeleted(id=id, version=2, company_id=1, status="DELETED")


async def project(projection: Projection, *events: OfBooking | OfPayment | OfTicket, at: datetime = NOW) -> None:
    """The events heard in this order, all at the same moment."""
    for event in events:
        said = Cause("e", "of-1", consumer="mypage", at=at)
        await ProjectPages(projection)(Project(event=event), said)


@define
class _OnePage:
    """A projection that knows one booking's page."""

    page: BookingPage

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        self.page = decide(self.page)

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        raise AssertionError("only a booking is spoken of")


async def merged(id: int, *events: OfBooking | OfPayment) -> BookingPage:
    """The page that the events make, without any store."""
    only = _OnePage(BookingPage(booking_id=id))
    await project(only, *events)
    return only.page
