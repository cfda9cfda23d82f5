"""Every check finds the violation it is for, and that one alone; a healthy system has none."""

from collections.abc import Sequence

import pytest
from attrs import evolve, fields

from myticket_core.invariants import (
    CHECKS,
    AnswerRow,
    BookingPageRow,
    BookingRow,
    ChargeRow,
    InFlight,
    LogRow,
    MoveRow,
    NotificationRow,
    OutboxRow,
    PaymentRow,
    SaleRow,
    Snapshot,
    TicketPageRow,
    TicketRow,
    WaitingRow,
    in_flight,
    summary,
    violations,
)
from myticket_core.payment.approve import NOTHING, key_of
from tests.domain.examples import payment

SAID = (  # service, id, type, key, version, correlation, cause
    ("ticket", "t1", "TicketRegistered", "1", 1, "register", "command-1"),
    ("ticket", "t2", "TicketRegistered", "2", 1, "register2", "command-2"),
    ("ticket", "t3", "TicketDeleted", "2", 2, "delete", "command-3"),
    ("book", "s1", "SoldOut", "1", 1, "book2", "command-4"),
    ("book", "s2", "BackOnSale", "1", 2, "cancel", "command-5"),
    ("book", "b1", "Booked", "1", 1, "book1", "command-6"),
    ("book", "b2", "Booked", "2", 1, "book2", "command-4"),
    ("book", "b3", "BookCanceled", "2", 2, "cancel", "command-5"),
    ("book", "b4", "BookCanceled", "3", 1, "book3", "worker-1"),
    ("pay", "p1", "PaymentApproved", "1", 1, "book1", "command-6"),
    ("pay", "p2", "PaymentApproved", "2", 1, "book2", "command-4"),
    ("pay", "p3", "PaymentCanceled", "2", 2, "cancel", "b3"),
    ("book", "w1", "WaitingEnded", "3", 1, "wait3", "worker-2"),
)
TOLD = (  # event, type, customer, company, correlation
    ("t1", "TicketRegistered", None, 7, "register"),
    ("t2", "TicketRegistered", None, 7, "register2"),
    ("t3", "TicketDeleted", None, 7, "delete"),
    ("b1", "Booked", None, 7, "book1"),
    ("b2", "Booked", None, 7, "book2"),
    ("b3", "BookCanceled", 6, None, "cancel"),
    ("b3", "BookCanceled", None, 7, "cancel"),
    ("b4", "BookCanceled", 5, None, "book3"),
    ("p1", "PaymentApproved", 5, None, "book1"),
    ("p2", "PaymentApproved", 6, None, "book2"),
    ("p3", "PaymentCanceled", 6, None, "cancel"),
    ("w1", "WaitingEnded", 5, None, "wait3"),
)


def booking(id: int, customer: int, status: str, version: int, **more) -> BookingRow:
    return BookingRow(
        id=id, ticket_id=1, company_id=7, customer_id=customer, price=100, status=status, version=version, **more
    )


def paid(id: int, booking: int, customer: int, status: str, version: int, charge: str | None) -> PaymentRow:
    return PaymentRow(
        id=id, booking_id=booking, customer_id=customer, price=100, status=status, version=version, charge=charge
    )


def page(id: int, customer: int, status: str, **more) -> BookingPageRow:
    return BookingPageRow(
        booking_id=id, ticket_id=1, company_id=7, customer_id=customer, price=100, status=status, **more
    )


HEALTHY = Snapshot(
    now=1_000,
    tickets=(
        TicketRow(id=1, company_id=7, price=100, capacity=2, status="ON_SALE", version=1),
        TicketRow(id=2, company_id=7, price=50, status="DELETED", version=2),
    ),
    sales=(
        SaleRow(ticket_id=1, capacity=2, ceiling=2, held=0, booked=1, deleted=False, version=2, offer_version=1),
        SaleRow(ticket_id=2, capacity=None, ceiling=None, held=0, booked=0, deleted=True, version=0, offer_version=1),
    ),
    bookings=(
        booking(1, 5, "BOOKED", 1, payment_id=1),
        booking(2, 6, "CANCELED", 2, payment_id=2),
        booking(3, 5, "EXPIRED", 1),
        booking(4, 5, "DECLINED", 0),
    ),
    waiting=(
        WaitingRow(id=1, ticket_id=1, customer_id=5, number=1, status="TAKEN", booking_id=1),
        WaitingRow(id=2, ticket_id=1, customer_id=6, number=2, status="LEFT"),
        WaitingRow(id=3, ticket_id=2, customer_id=5, number=1, status="LAPSED", version=1),
    ),
    payments=(
        paid(1, 1, 5, "APPROVED", 1, "c1"),
        paid(2, 2, 6, "CANCELED", 2, "c2"),
        paid(3, 3, 5, "VOID", 0, None),
        paid(4, 4, 5, "DECLINED", 0, None),
    ),
    charges=(
        ChargeRow(key="booking-1", amount=100, refunded=0),
        ChargeRow(key="booking-2", amount=100, refunded=100),
    ),
    outbox=tuple(
        OutboxRow(
            service=service,
            id=id,
            type=type,
            key=key,
            version=version,
            published=True,
            correlation_id=correlation,
            causation_id=cause,
        )
        for service, id, type, key, version, correlation, cause in SAID
    ),
    log=tuple(LogRow(id=id, type=type, key=key, version=version) for _, id, type, key, version, _, _ in SAID),
    notifications=tuple(
        NotificationRow(
            event_id=id,
            event=type,
            channel="in-app",
            status="DELIVERED",
            customer_id=customer,
            company_id=company,
            correlation_id=correlation,
        )
        for id, type, customer, company, correlation in TOLD
    ),
    channels=("in-app",),
    booking_pages=(
        page(1, 5, "BOOKED", payment_id=1, payment_status="APPROVED"),
        page(2, 6, "CANCELED", payment_id=2, payment_status="CANCELED"),
        page(3, 5, "EXPIRED"),
    ),
    ticket_pages=(
        TicketPageRow(ticket_id=1, company_id=7, price=100, capacity=2, status="ON_SALE"),
        TicketPageRow(ticket_id=2, company_id=7, price=50, status="DELETED"),
    ),
    rebuilt=(),
    keys={1: "k1", 2: "k2", 3: "k3"},
    answers=(
        AnswerRow(kind="booking", id=1, status="PENDING", key="k1"),
        AnswerRow(kind="booking", id=1, status="BOOKED", key="k1"),
        AnswerRow(kind="ticket", id=2, status="ON_SALE"),
    ),
    moves=(
        MoveRow(kind="ticket", id=2, before=None, after="ON_SALE"),
        MoveRow(kind="ticket", id=2, before="ON_SALE", after="DELETED"),
        MoveRow(kind="booking", id=1, before=None, after="PENDING"),
        MoveRow(kind="booking", id=1, before="PENDING", after="BOOKED"),
        MoveRow(kind="payment", id=3, before=None, after="VOID"),
    ),
    lag={"mypage": 0},
)


def test_a_healthy_system_violates_nothing_and_is_at_rest():
    assert list(violations(HEALTHY)) == []
    assert list(in_flight(HEALTHY)) == []


def test_an_empty_look_checks_nothing_and_says_so():
    assert list(violations(Snapshot())) == []
    assert len(summary(Snapshot()).unchecked) == len(CHECKS)


def test_every_invariant_that_rows_can_show_is_checked():
    assert {check.invariant for check in CHECKS} == {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 16, 18}


def test_a_payment_row_knows_the_key_of_its_charge():
    assert paid(1, 17, 5, "APPROVED", 1, "c").key == key_of(payment(booking_id=17))


def row(part: str, index: int, **members) -> Snapshot:
    """The healthy system with one row changed."""
    rows = list(getattr(HEALTHY, part))
    rows[index] = evolve(rows[index], **members)
    return evolve(HEALTHY, **{part: tuple(rows)})


def test_what_is_free_has_no_charge():
    free = {"bookings": {"price": 0}, "payments": {"price": 0, "charge": NOTHING}, "booking_pages": {"price": 0}}
    rows = {part: (evolve(getattr(HEALTHY, part)[0], **members), *getattr(HEALTHY, part)[1:])
            for part, members in free.items()}  # fmt: skip
    assert list(violations(evolve(HEALTHY, **rows, charges=HEALTHY.charges[1:]))) == []


def event(id: str, **members) -> Snapshot:
    """The healthy system with one event said otherwise."""
    index = next(index for index, it in enumerate(HEALTHY.outbox) if it.id == id)
    return row("outbox", index, **members)


def without(part: str, index: int) -> Snapshot:
    rows = list(getattr(HEALTHY, part))
    del rows[index]
    return evolve(HEALTHY, **{part: tuple(rows)})


def also(part: str, *more) -> Snapshot:
    return evolve(HEALTHY, **{part: (*getattr(HEALTHY, part), *more)})


def said(id: str, type: str, key: str, version: int) -> Snapshot:
    """The healthy system having said something more."""
    row = OutboxRow(service="?", id=id, type=type, key=key, version=version, published=True, correlation_id="x")
    return also("outbox", row)


def only(snapshot: Snapshot, parts: str) -> Snapshot:
    """A look at these parts alone."""
    return Snapshot(**{part: getattr(snapshot, part) for part in parts.split()})


GIVEN_UP = {"status": "CANCELING", "refund_status": "FAILED", "refund_amount": 90, "refund_round": 1}
CROWD = (booking(8, 5, "PENDING", 0), booking(9, 5, "PENDING", 0))
WRITES = "tickets sales bookings waiting payments outbox"
PLANTED: Sequence[tuple[str, set[int], Snapshot]] = [
    ("more seats taken than there are", {1}, evolve(row("sales", 0, held=2), bookings=(*HEALTHY.bookings, *CROWD))),
    ("a guard that does not sink", {1}, row("sales", 0, ceiling=5)),
    ("a miscounted sale", {1}, row("sales", 0, held=1)),
    (
        "a booking without a sale",
        {1},
        only(also("bookings", evolve(booking(9, 5, "DECLINED", 0), ticket_id=3)), "sales bookings"),
    ),
    ("a line that is not counted", {1}, row("waiting", 1, status="WAITING")),
    (
        "two in one place of the line",
        {1},
        evolve(
            row("sales", 0, waiting=2),
            waiting=[
                *(evolve(it, status="WAITING", number=3, booking_id=None) for it in HEALTHY.waiting[:2]),
                HEALTHY.waiting[2],
            ],
        ),
    ),
    ("an offer of somebody else's", {1}, row("waiting", 0, customer_id=6)),
    ("an offer of nothing", {1}, row("waiting", 0, booking_id=None)),
    ("an offer of two places", {1}, also("waiting", evolve(HEALTHY.waiting[0], id=4, number=3, status="LAPSED"))),
    ("taken and never booked", {1}, row("waiting", 0, booking_id=3)),
    ("an offer nobody settled", {1}, row("waiting", 0, status="OFFERED")),
    ("booked and not paid", {2}, only(without("payments", 0), "bookings payments")),
    ("booked and declined", {2}, only(row("payments", 0, status="DECLINED"), "bookings payments")),
    ("paid by somebody else", {2}, only(row("payments", 0, customer_id=6), "bookings payments")),
    ("paid another price", {2}, only(row("bookings", 0, price=99), "bookings payments")),
    ("booked with another payment", {2}, row("bookings", 0, payment_id=9)),
    ("two payments of a booking", {3}, also("payments", paid(9, 4, 5, "DECLINED", 0, None))),
    ("approved twice", {3, 18}, only(said("p9", "PaymentApproved", "1", 2), "outbox")),
    ("charged twice", {3}, also("charges", HEALTHY.charges[0])),
    (
        "was paid, and pay has lost it",
        {6},
        only(row("payments", 1, status="VOID", charge=None, version=0), "bookings payments"),
    ),
    ("paid, but expired", {4}, only(row("payments", 2, status="APPROVED"), "bookings payments")),
    ("a refund still due", {4}, only(row("payments", 1, status="CANCELING"), "bookings payments")),
    ("a charge nobody knows of", {4}, also("charges", ChargeRow(key="booking-99", amount=1, refunded=0))),
    ("a charge of a void payment", {4}, also("charges", ChargeRow(key="booking-3", amount=100, refunded=0))),
    ("another amount charged", {4}, row("charges", 0, amount=101)),
    ("given back and kept approved", {4}, row("charges", 0, refunded=100)),
    ("given back less than is said", {4}, row("charges", 1, refunded=99)),
    ("a fee that was given back", {4}, only(row("payments", 1, refund_amount=90), "payments charges")),
    ("a failed refund that was made", {4}, only(row("payments", 1, **GIVEN_UP), "payments charges")),
    ("more given back than paid", {4, 5}, row("charges", 1, refunded=101)),
    ("approved without a charge", {4}, without("charges", 0)),
    ("canceled and not refunded", {5}, only(without("outbox", 11), "payments outbox")),
    ("refunded and never paid", {5}, only(row("payments", 1, charge=None), "payments outbox")),
    ("a refund nobody was told of", {5}, without("notifications", 10)),
    ("a refund told twice", {5}, also("notifications", HEALTHY.notifications[10])),
    ("no tombstone", {6}, without("payments", 2)),
    ("expired, but still asked for", {6}, row("payments", 2, status="REQUESTED")),
    (
        "a live booking of a deleted ticket",
        {7},
        evolve(row("sales", 1, held=1), bookings=(*HEALTHY.bookings, evolve(CROWD[0], ticket_id=2))),
    ),
    ("an open sale of a deleted ticket", {7}, row("sales", 1, deleted=False)),
    ("a closed sale of a ticket on sale", {7}, row("sales", 0, deleted=True)),
    ("sold on terms of before", {9}, evolve(row("tickets", 0, version=2), outbox=None)),
    ("sold on terms that the ticket has lost", {9}, row("sales", 0, offer_version=2)),
    ("a change nobody was told of", {8, 9}, row("tickets", 0, version=2)),
    ("a place that was over untold", {8}, row("waiting", 2, version=2)),
    ("who waited in vain was not told", {9}, without("notifications", 11)),
    ("said, but never done", {8}, only(said("t9", "TicketRegistered", "9", 1), WRITES)),
    ("the wrong thing said last", {8}, only(event("t3", type="TicketChanged"), WRITES)),
    ("never published", {9}, evolve(event("t1", published=False), log=HEALTHY.log[1:])),
    ("marked and not in the log", {9}, without("log", 0)),
    ("versions out of order", {9}, evolve(HEALTHY, log=(HEALTHY.log[2], *HEALTHY.log[:2], *HEALTHY.log[3:]))),
    ("told twice", {9}, also("notifications", HEALTHY.notifications[0])),
    ("nobody told", {9}, without("notifications", 3)),
    ("a page behind", {10}, row("booking_pages", 1, status="BOOKED")),
    ("a page missing", {10}, without("booking_pages", 0)),
    ("a page of nothing", {10}, also("booking_pages", page(4, 5, "BOOKED"))),
    ("a ticket's page behind", {10}, row("ticket_pages", 0, price=99)),
    ("a rebuild that differs", {10}, evolve(HEALTHY, rebuilt=("booking 1",))),
    ("a refund of anything", {5}, row("bookings", 1, refund=99)),
    ("a fee kept that nobody agreed on", {5}, row("bookings", 1, cancel_fee=10, refund=90)),
    ("a fee above the price", {5}, row("bookings", 0, cancel_fee=101)),
    ("a fee kept of a hold", {5}, row("bookings", 2, cancel_fee=10, refund=90)),
    ("a page with another fee", {10}, row("booking_pages", 0, cancel_fee=1)),
    ("a key used twice", {11}, evolve(HEALTHY, keys={**HEALTHY.keys, 4: "k1"})),
    ("two answers to a key", {11}, also("answers", AnswerRow(kind="booking", id=2, status="BOOKED", key="k1"))),
    ("an acknowledged booking lost", {14}, also("answers", AnswerRow(kind="booking", id=99, status="PENDING"))),
    ("an acknowledged payment forgotten", {14}, also("answers", AnswerRow(kind="booking", id=3, status="BOOKED"))),
    ("a correlation lost on the way", {16}, event("p3", correlation_id="other", causation_id=None)),
    ("a notification of another case", {16}, row("notifications", 0, correlation_id="other")),
    ("its own cause", {16}, event("p1", causation_id="p1")),
    ("an illegal change", {18}, also("moves", MoveRow(kind="booking", id=3, before="EXPIRED", after="BOOKED"))),
    ("told to pay what is booked", {18}, only(said("b9", "PaymentDue", "1", 2), "outbox")),
    (
        "told of a hold and not of its refusal",
        {8},
        only(
            evolve(said("b9", "PaymentDue", "4", 1), bookings=(*HEALTHY.bookings[:3], booking(4, 5, "DECLINED", 1))),
            WRITES,
        ),
    ),
    ("an illegal history", {18}, only(evolve(HEALTHY, outbox=HEALTHY.outbox[7:5:-1]), "outbox")),
]


@pytest.mark.parametrize("name, expected, snapshot", PLANTED, ids=[name for name, _, _ in PLANTED])
def test_a_planted_violation_is_found_and_no_other(name, expected, snapshot):
    assert {violation.invariant for violation in violations(snapshot)} == expected


FINE = [
    only(row("bookings", 1, cancel_fee=10, refund=90), "bookings"),
    row("bookings", 1, cancel_fee=10, refund=100),
    row("bookings", 2, cancel_fee=10, refund=100),
    row("bookings", 0, cancel_until=5, cancel_fee=10),  # told by a program that knew no terms
    evolve(row("bookings", 0, cancel_fee=10), booking_pages=row("booking_pages", 0, cancel_fee=10).booking_pages),
]


@pytest.mark.parametrize("snapshot", FINE, ids=range(len(FINE)))
def test_terms_that_were_kept_are_no_violation(snapshot):
    assert list(violations(snapshot)) == []


def test_every_check_has_a_planted_violation():
    found = {v.what.partition(":")[0] for _, _, snapshot in PLANTED for v in violations(snapshot)}
    assert found == {check.name for check in CHECKS}


def test_what_holds_only_at_rest_is_not_asked_for_while_running():
    assert list(violations(without("payments", 2), at_rest=False)) == []
    assert [it.invariant for it in violations(row("sales", 0, held=1), at_rest=False)] == [1]


def test_a_fee_stays_and_a_refund_that_failed_waits_for_somebody():
    partly = evolve(
        HEALTHY,
        payments=(*HEALTHY.payments[:1], evolve(HEALTHY.payments[1], refund_amount=90), *HEALTHY.payments[2:]),
        charges=(HEALTHY.charges[0], evolve(HEALTHY.charges[1], refunded=90)),
        booking_pages=(
            HEALTHY.booking_pages[0],
            evolve(HEALTHY.booking_pages[1], refund_amount=90),
            HEALTHY.booking_pages[2],
        ),
    )
    assert list(violations(partly)) == list(in_flight(partly)) == []
    assert {name: summary(partly).money[name] for name in ("kept", "fees", "given back")} == {
        "kept": 100,
        "fees": 10,
        "given back": 90,
    }
    failed = evolve(
        partly,
        payments=(*HEALTHY.payments[:1], evolve(HEALTHY.payments[1], **GIVEN_UP), *HEALTHY.payments[2:]),
        charges=(HEALTHY.charges[0], evolve(HEALTHY.charges[1], refunded=0)),
        booking_pages=(
            HEALTHY.booking_pages[0],
            evolve(HEALTHY.booking_pages[1], payment_status="CANCELING", refund_amount=90),
            HEALTHY.booking_pages[2],
        ),
        outbox=tuple(evolve(it, type="RefundFailed") if it.id == "p3" else it for it in HEALTHY.outbox),
        log=tuple(evolve(it, type="RefundFailed") if it.id == "p3" else it for it in HEALTHY.log),
        notifications=(
            *(evolve(it, event="RefundFailed") if it.event_id == "p3" else it for it in HEALTHY.notifications),
            *(
                evolve(it, event="RefundFailed", customer_id=None, company_id=7)
                for it in HEALTHY.notifications
                if it.event_id == "p3"
            ),
        ),
    )
    failed = evolve(failed, payments=[evolve(it, company_id=7) for it in failed.payments])
    assert list(violations(failed)) == []
    assert list(in_flight(failed)) == [InFlight("refund failed", (2,))]
    assert (summary(failed).money["failed"], summary(failed).money["fees"]) == (90, 10)


IN_FLIGHT = [
    (row("outbox", 0, published=False), InFlight("not published", ("t1",))),
    (row("payments", 1, status="CANCELING"), InFlight("refund due", (2,))),
    (evolve(row("payments", 2, in_doubt=True), charges=None), InFlight("charge unheard of", (3,))),
    (
        evolve(
            row("payments", 2, in_doubt=True),
            charges=(*HEALTHY.charges, ChargeRow(key="booking-3", amount=100, refunded=0)),
        ),
        InFlight("charge unheard of", (3,)),
    ),
    (row("bookings", 3, status="PENDING", expires_at=1_000), InFlight("lapsed hold", (4,))),
    (row("bookings", 3, status="PENDING", ticket_id=2), InFlight("to be canceled", (4,))),
    (
        evolve(row("bookings", 3, status="PENDING", ticket_id=2), sales=row("sales", 1, paused=True).sales),
        InFlight("deletion paused", (4,)),
    ),
    (
        evolve(row("waiting", 1, status="WAITING"), sales=row("sales", 0, waiting=1).sales),
        InFlight("to be offered", (1,)),
    ),
    (row("notifications", 0, status="QUEUED"), InFlight("to be delivered", ("t1",))),
    (evolve(HEALTHY, lag={"mypage": 3}), InFlight("not consumed", ("mypage: 3",))),
    (evolve(HEALTHY, parked=(("alarm", "b1"),)), InFlight("parked", (("alarm", "b1"),))),
]


@pytest.mark.parametrize(
    "snapshot, expected", IN_FLIGHT, ids=[f"{number} {it.what}" for number, (_, it) in enumerate(IN_FLIGHT)]
)
def test_what_is_in_flight_is_told(snapshot, expected):
    assert list(in_flight(snapshot)) == [expected]


def test_a_doubted_charge_that_is_not_there_is_only_watched():
    assert list(in_flight(row("payments", 2, in_doubt=True))) == []


def test_a_hold_that_can_still_be_paid_is_not_in_flight():
    assert list(in_flight(row("bookings", 3, status="PENDING", expires_at=1_001))) == []


def test_the_summary_counts_and_sums():
    told = summary(HEALTHY)
    hundred = ("booked", "approved", "kept", "shown", "canceled", "given back")
    assert told.money == {**dict.fromkeys(hundred, 100), "fees": 0, "failed": 0}
    assert told.counts["bookings BOOKED"] == 1
    assert told.counts["notifications DELIVERED"] == len(TOLD)
    assert told.unchecked == []


def test_every_part_of_a_snapshot_is_used():
    used = {part for check in CHECKS for part in check.needs}
    assert {field.name for field in fields(Snapshot)} - used == {"now", "since", "lag", "parked"}
