"""What each consumer needs of each event, tried on the consumer's own code: decoded, judged by its policy, carried out.

A member that is not in the contract is not in the message: a consumer that uses it all the same fails here.
"""

from typing import Any

from attrs import evolve

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.events import BackOnSale, BookCanceled, Booked, PaymentDue, SoldOut, WaitingEnded
from myticket_core.booking.terms import Terms
from myticket_core.messages import Cause
from myticket_core.mypage.model import BookingPage, TicketPage
from myticket_core.paging import Paging
from myticket_core.payment.approve import Approve
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.payment.model import Refund, Status
from myticket_core.ports import Record
from myticket_core.reacting import Consumer
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.policies import WHENEVER
from myticket_core.ticket.ports import Search
from myticket_core.ticket.track_stock import StockTracker, TrackStock
from myticket_core.values import moment
from myticket_core.wire import decode
from tests.contracts.pacts import Pacts
from tests.domain.examples import ticket
from tests.services.rest_world import World

ON_SALE, CHANGED, DELETED = "ticket 1 is on sale", "ticket 1 was changed", "ticket 1 was deleted"
BOOKED, CANCELED, EXPIRED = "booking 1 is booked", "booking 1 was canceled", "booking 1 expired unpaid"
DUE, DECLINED = "booking 1 may be paid now", "booking 1 was to be paid later and was declined"
OFFERED = "a seat is offered to who waited for it"
PAID, REFUNDED = "booking 1 is paid", "booking 1 was paid and refunded"
FAILED = "the refund of booking 1 failed"
IN_VAIN = "who waited for ticket 1 gets no seat"
REFUND_TERMS = ("ticketId", "companyId", "customerId", "price")
CANCEL_TERMS = ("cancelUntil", "cancelFee")
MORE = {
    Booked: CANCEL_TERMS,
    PaymentDue: (*CANCEL_TERMS, "expiresAt"),
    BookCanceled: (*CANCEL_TERMS, "refund"),
    PaymentCanceled: ("refunded",),
    RefundFailed: ("amount",),
}
STARTS, ENDS, UNTIL, EXPIRES = 1800728743511, 1801074343511, 1800403200000, 1800000600000
"""Of the examples, as are id 5, ticket 2, payment 3, company and customer 1."""


async def everybody_hears(pacts: Pacts) -> None:
    for hears in (ticket_hears, book_hears, pay_hears, alarm_hears, mypage_hears):
        await hears(pacts)


async def tell(world: World, name: str, record: Record) -> None:
    ticket = Consumer("ticket", WHENEVER, {TrackStock: StockTracker(world.tickets)})
    (consumer,) = (it for it in (ticket, *world.consumers()) if it.name == name)
    assert not consumer.ignores(record)
    await consumer.handle(decode(record))


async def ticket_hears(pacts: Pacts) -> None:
    world = World()
    world.dbs["ticket"].tickets[TicketId(5)] = ticket(id=TicketId(5))
    for kind, state, left in ((SoldOut, "ticket 1 is sold out", 0), (BackOnSale, "ticket 1 has a seat again", 1)):
        record = pacts.hears("ticket", kind, state, "id")
        await tell(world, "ticket", _versioned(record, left + 1))
        assert (await world.tickets.get(TicketId(5))).available == bool(left)
        assert (await world.tickets.search(Search(only_available=True), Paging())).total == left


async def book_hears(pacts: Pacts) -> None:
    known = ("id", "companyId", "name", "price", "capacity", "endDate", "cancelUntil", "cancelFeePercent")
    terms = Terms(
        company_id=1, price=15000, capacity=100, name="Concert", ends=moment(ENDS), version=1,
        cancel_until=moment(UNTIL), cancel_fee_percent=10,
    )  # fmt: skip
    for kind, state in ((TicketRegistered, ON_SALE), (TicketChanged, CHANGED)):
        world = World()
        await tell(world, "book", pacts.hears("book", kind, state, *known))
        assert (await world.sales.get(5)).terms == terms
    world, nothing = World(), {"name": None, "capacity": None, "endDate": None, "cancelUntil": None}
    unlimited = "ticket 1 has no name, no end and no limit"
    record = pacts.hears(
        "book",
        TicketRegistered,
        unlimited,
        "id",
        "companyId",
        "price",
        "cancelFeePercent",
        why="without limits",
        **nothing,
    )
    await tell(world, "book", record)
    assert (await world.sales.get(5)).terms == evolve(terms, name=None, capacity=None, ends=None, cancel_until=None)
    world = World()
    await tell(world, "book", pacts.hears("book", TicketDeleted, DELETED, "id"))
    assert (await world.sales.get(5)).deleted


async def pay_hears(pacts: Pacts) -> None:
    known = ("id", "price", "ticketId", "companyId", "customerId", "startDate", "endDate", "reason", "refund")
    record = pacts.hears("pay", BookCanceled, CANCELED, *known)
    unpaid, paid = World(), World()
    await tell(unpaid, "pay", record)
    tombstone = await unpaid.payments.of_booking(5, Scope(company_id=1, customer_id=1))
    assert (tombstone.status, tombstone.price, tombstone.ticket_id) == (Status.VOID, 15000, 2)
    assert (tombstone.starts, tombstone.ends) == (moment(STARTS), moment(ENDS))
    assert tombstone.reason == "the customer canceled it"
    await paid.approve(Approve(booking_id=5, price=15000), Cause(id="before", correlation_id="before"))
    await tell(paid, "pay", record)
    canceling = await paid.payments.of_booking(5, EVERYTHING)
    refund = Refund(amount=13500, since=paid.clock.now())
    assert (canceling.status, canceling.refund) == (Status.CANCELING, refund)


async def alarm_hears(pacts: Pacts) -> None:
    buyer, organizer = "customer", "company"
    for kind, state, members, told, more in (
        (Booked, BOOKED, ("id", "ticketId", "price", "companyId"), [organizer], {}),
        (PaymentDue, DUE, ("id", "ticketId", "price", "customerId", "expiresAt"), [buyer], {}),
        (
            PaymentDue,
            OFFERED,
            ("id", "ticketId", "price", "customerId", "expiresAt"),
            [buyer],
            {"why": "of an offer", "occasion": "WAITED"},
        ),
        (
            BookCanceled,
            DECLINED,
            ("id", "ticketId", "customerId", "reason"),
            [buyer],
            {"why": "of a declined hold", "status": "DECLINED"},
        ),
        (PaymentApproved, PAID, ("bookId", "ticketId", "price", "customerId"), [buyer], {}),
        (BookCanceled, CANCELED, ("id", "ticketId", "companyId", "customerId", "reason"), [buyer, organizer], {}),
        (
            BookCanceled,
            EXPIRED,
            ("id", "ticketId", "customerId"),
            [buyer],
            {"why": "of an expired hold", "status": "EXPIRED"},
        ),
        (PaymentCanceled, REFUNDED, ("bookId", "ticketId", "price", "customerId", "reason", "refunded"), [buyer], {}),
        (
            RefundFailed,
            FAILED,
            ("bookId", "ticketId", "companyId", "customerId", "amount", "reason"),
            [buyer, organizer],
            {},
        ),
        (WaitingEnded, IN_VAIN, ("ticketId", "customerId", "reason"), [buyer], {}),
        (TicketRegistered, ON_SALE, ("id", "name", "price", "companyId"), [organizer], {}),
        (TicketChanged, CHANGED, ("id", "name", "price", "companyId"), [organizer], {}),
        (TicketDeleted, DELETED, ("id", "name", "companyId"), [organizer], {}),
    ):
        more = {"status": "CANCELED"} | more if kind is BookCanceled else more
        needed = dict.fromkeys(("id", *members))  # without an id no event can be read
        world, record = World(), pacts.hears("alarm", kind, state, *needed, **more)
        await tell(world, "alarm", record)
        messages = [it.message for it in await world.notifications.due(world.clock.now(), "in-app", 10)]
        assert ["customer" if it.customer_id == 1 else "company" for it in messages] == told
        assert all(it.customer_id == 1 or it.company_id == 1 for it in messages)
        ticket = "'Concert' 티켓(5번)" if kind.SOURCE == "ticket" else "티켓 2번"
        for message in messages:
            assert ("2" if kind is WaitingEnded else "5") in message.text, "what it is about"
            assert "–" not in message.text, "a word is missing that the contract does not bring"
            assert ticket in message.text, "what people know it by"


async def mypage_hears(pacts: Pacts) -> None:
    terms = ("ticketId", "companyId", "customerId", "price", "startDate", "endDate")
    shown = {"ticket_id": 2, "company_id": 1, "customer_id": 1, "price": 15000, "start_date": STARTS, "end_date": ENDS}
    payment, booking = shown | {"payment_id": 5}, shown | {"cancel_until": UNTIL, "cancel_fee": 1500}
    failed = payment | {"start_date": None, "end_date": None, "payment_status": "CANCELING", "refund_amount": 13500}
    for kind, state, key, members, more in (
        (Booked, BOOKED, "id", booking | {"status": "BOOKED"}, {}),
        (BookCanceled, CANCELED, "id", booking | {"status": "CANCELED", "refund_due": 13500}, {"status": "CANCELED"}),
        (PaymentDue, DUE, "id", booking | {"status": "PENDING", "expires_at": EXPIRES}, {}),
        (
            BookCanceled,
            DECLINED,
            "id",
            booking | {"status": "DECLINED", "refund_due": 13500},
            {"why": "of a declined hold", "status": "DECLINED"},
        ),
        (
            BookCanceled,
            EXPIRED,
            "id",
            booking | {"status": "EXPIRED", "refund_due": 13500},
            {"why": "of an expired hold", "status": "EXPIRED"},
        ),
        (PaymentApproved, PAID, "bookId", payment | {"payment_status": "APPROVED"}, {}),
        (PaymentCanceled, REFUNDED, "bookId", payment | {"payment_status": "CANCELED", "refund_amount": 13500}, {}),
        (RefundFailed, FAILED, "bookId", failed, {}),
    ):
        needed = [*dict.fromkeys(("id", key)), *(REFUND_TERMS if kind is RefundFailed else terms), *MORE.get(kind, ())]
        world, record = World(), pacts.hears("mypage", kind, state, *needed, **more)
        await tell(world, "mypage", record)
        _shows(world.dbs["mypage"].live.bookings[5], BookingPage(booking_id=5, **members))
    await _mypage_hears_of_tickets(pacts)


async def _mypage_hears_of_tickets(pacts: Pacts) -> None:
    more = ("capacity", "startDate", "endDate")
    page = TicketPage(ticket_id=5, company_id=1, name="Concert", price=15000, status="DELETED")
    full = evolve(page, capacity=100, start_date=STARTS, end_date=ENDS, status="ON_SALE")
    for kind, state, members, wanted in (
        (TicketRegistered, ON_SALE, more, full),
        (TicketChanged, CHANGED, more, full),
        (TicketDeleted, DELETED, (), page),
    ):
        world, record = World(), pacts.hears("mypage", kind, state, "id", "companyId", "name", "price", *members)
        await tell(world, "mypage", record)
        _shows(world.dbs["mypage"].live.tickets[5], wanted)


def _shows(page: Any, wanted: Any) -> None:
    """All that is wanted, in the version and at the time that the headers say."""
    assert evolve(page, seen=(), history=()) == wanted
    ((_, version),) = page.seen
    (line,) = page.history
    assert (version, line.at) == (1, 1795363740000)


def _versioned(record: Record, version: int) -> Record:
    return evolve(record, headers={**record.headers, "ce_aggregateversion": str(version), "ce_id": f"e{version}"})
