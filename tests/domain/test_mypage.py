"""A page is a fold: any interleaving of its sources, repeats and all, makes the same page."""

from functools import reduce

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from myticket_core.booking.events import BookCanceled, Booked, PaymentDue
from myticket_core.messages import Cause
from myticket_core.mypage.model import LINES, BookingPage, News, TicketPage
from myticket_core.mypage.policies import WHENEVER
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.mypage.summing import summed
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from tests.domain.examples import NOON


class Sheets:
    """One page of each kind, as a store would keep it."""

    def __init__(self):
        self.writes = 0
        self.booking, self.ticket = BookingPage(booking_id=5), TicketPage(ticket_id=3)

    async def change_booking(self, booking_id, decide):
        assert booking_id == 5
        self.writes += 1
        self.booking = decide(self.booking)

    async def change_ticket(self, ticket_id, decide):
        assert ticket_id == 3
        self.writes += 1
        self.ticket = decide(self.ticket)


CAUSE = Cause(id="e", correlation_id="c", at=NOON)


def told(*events) -> Sheets:
    """The pages after these events."""
    sheets = Sheets()
    project = ProjectPages(sheets)
    for event in events:
        ended(project(WHENEVER[type(event)](event), CAUSE))
    return sheets


def ended(running) -> None:
    try:
        running.send(None)
    except StopIteration:
        return
    raise AssertionError("a page that waits for something")


def told_at_once(*events) -> Sheets:
    """The same of one who is behind."""
    sheets = Sheets()
    ended(ProjectPages(sheets).all([(WHENEVER[type(event)](event), CAUSE) for event in events]))
    return sheets


SHARED = {"ticket_id": 3, "price": 1500, "company_id": 7, "customer_id": 6, "start_date": 1, "end_date": 2}
BOOK = (
    Booked(id=5, version=1, status="BOOKED", **SHARED),
    BookCanceled(id=5, version=2, status="CANCELED", refund=1350, **SHARED),
)
_TOLD = {"book_id": 5, "ticket_id": 3, "price": 1500}
PAY = (
    PaymentApproved(id=2, version=1, book_id=5, status="APPROVED", **SHARED | {"price": 99}),
    RefundFailed(id=2, version=2, status="CANCELING", amount=1300, **_TOLD),
    PaymentCanceled(id=2, version=3, book_id=5, status="CANCELED", refunded=1200, **SHARED | {"price": 98}),
)
TICKET = (
    TicketRegistered(id=3, version=1, company_id=7, name="n", price=5, capacity=9, end_date=2),
    TicketChanged(id=3, version=2, company_id=7, name="m", price=6),
    TicketDeleted(id=3, version=3, company_id=7, name="m", price=6),
)


@st.composite
def delivered(draw, said):
    """At least once and, where it is first heard of, in order: afterwards anything may come again."""
    heard: list = []
    for event in said:
        heard += [event, *draw(st.lists(st.sampled_from([*heard, event]), max_size=2))]
    return heard


@st.composite
def interleaved(draw, *sources):
    lanes = [draw(delivered(source)) for source in sources]
    heard = []
    while any(lanes):
        heard.append(draw(st.sampled_from([lane for lane in lanes if lane])).pop(0))
    return heard


@given(interleaved(BOOK, PAY))
def test_the_page_of_a_booking_does_not_depend_on_the_order_between_sources(events):
    assert told(*events).booking == told(*BOOK, *PAY).booking


@given(delivered(TICKET))
def test_nor_the_page_of_a_ticket_on_what_comes_again(events):
    assert told(*events).ticket == told(*TICKET).ticket


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_of_a_ticket_that_is_changed_again_and_again_the_newest_lines_stay_in_whichever_order_they_came(random):
    page = TicketPage(ticket_id=3)
    said = [News(source="ticket", version=it, at=it, status="ON_SALE", members={}) for it in range(1, 3 * LINES)]
    heard = [*said, *random.choices(said, k=LINES)]
    random.shuffle(heard)
    lines = reduce(TicketPage.told, heard, page).history
    assert [line.version for line in lines] == list(range(2 * LINES, 3 * LINES))


DUE = (
    PaymentDue(id=5, version=1, status="PENDING", expires_at=9, **SHARED),
    PaymentDue(id=5, version=2, status="PENDING", expires_at=9, **SHARED),
    *(evolve(it, version=it.version + 2) for it in BOOK),
)


@given(interleaved(DUE, PAY))
def test_a_hold_that_was_paid_later_shows_the_same(events):
    page = told(*events).booking
    assert page == told(*DUE, *PAY).booking
    assert [line.status for line in page.history if line.source == "book"] == [
        "PENDING",
        "PENDING",
        "BOOKED",
        "CANCELED",
    ]


def test_a_hold_that_may_be_paid_is_shown_and_how_it_ended():
    page = told(*DUE[:1]).booking
    assert (page.status, page.expires_at, page.price) == ("PENDING", 9, 1500)
    for status in ("EXPIRED", "DECLINED"):
        assert told(DUE[0], evolve(BOOK[1], status=status)).booking.status == status


@given(interleaved(BOOK, PAY, TICKET))
def test_many_at_once_make_the_same_pages_in_one_write_each(events):
    one_by_one, at_once = told(*events), told_at_once(*events)
    assert (at_once.booking, at_once.ticket) == (one_by_one.booking, one_by_one.ticket)
    assert at_once.writes == 2


def poor(event):
    """As an original says it: no version, no members but the id."""
    known = {"book_id": 5} if hasattr(event, "book_id") else {}
    return type(event)(id=event.id, **known)


@given(interleaved([poor(it) for it in BOOK], [poor(it) for it in PAY]))
def test_the_originals_say_little_but_in_the_end_the_right_thing(events):
    page = told(*events).booking
    assert (page.status, page.payment_status, page.payment_id) == ("CANCELED", "CANCELED", 2)
    assert {(line.source, line.status) for line in page.history} == {
        ("book", "BOOKED"),
        ("book", "CANCELED"),
        ("pay", "APPROVED"),
        ("pay", "CANCELING"),
        ("pay", "CANCELED"),
    }


def test_an_original_may_take_over_from_us():
    assert told(BOOK[0], poor(BOOK[1])).booking.status == "CANCELED"
    assert told(TICKET[0], poor(TICKET[2])).ticket.status == "DELETED"
    assert told(poor(TICKET[2]), poor(TICKET[0])).ticket.status == "DELETED"


def test_what_is_shown():
    page = told(*BOOK[:1], *PAY[:1]).booking
    expected = BookingPage(booking_id=5, status="BOOKED", payment_id=2, payment_status="APPROVED", **SHARED)
    assert evolve(page, seen=(), history=()) == expected
    assert page.seen == (("book", 1), ("pay", 1))
    assert [(line.source, line.version, line.status) for line in page.history] == [
        ("book", 1, "BOOKED"),
        ("pay", 1, "APPROVED"),
    ]


def test_a_payment_fills_in_what_booking_has_not_said():
    assert told(PAY[0]).booking.price == 99
    assert told(PAY[0], BOOK[0]).booking.price == 1500
    assert told(poor(BOOK[0]), PAY[0]).booking.price == 99


def test_what_a_ticket_has_no_more_is_not_shown_any_more():
    changed = told(*TICKET[:2]).ticket
    assert (changed.name, changed.price, changed.capacity, changed.end_date) == ("m", 6, None, None)
    kept = told(TICKET[0], poor(TICKET[1])).ticket
    assert (kept.name, kept.price, kept.capacity) == ("n", 5, 9)


def test_a_deleted_ticket_keeps_what_was_known():
    assert told(TICKET[0], evolve(TICKET[2], version=2)).ticket.capacity == 9


def test_what_goes_back_is_shown_as_far_as_it_has_come():
    paid = told(BOOK[0], PAY[0]).booking
    assert (paid.goes_back, paid.refund_due, paid.refund_amount) == (False, None, None)
    shown = [told(*BOOK, *PAY[:count]).booking for count in (1, 2, 3)]
    assert [(it.payment_status, it.back, it.goes_back) for it in shown] == [
        ("APPROVED", 1350, True),
        ("CANCELING", 1300, True),
        ("CANCELED", 1200, True),
    ]
    whole = told(BOOK[0], PAY[0], evolve(BOOK[1], refund=1500), evolve(PAY[2], refunded=98)).booking
    assert (whole.refund_due, whole.refund_amount, whole.back) == (1500, 98, 98)
    original = told(*BOOK, PAY[0], evolve(PAY[2], refunded=None)).booking
    assert (original.refund_due, original.back) == (1350, 1500), "it gives everything back, whatever booking said"


def test_what_stays_is_no_refund_and_what_is_not_held_cannot_be_paid():
    page = BookingPage(booking_id=1, price=100, status="BOOKED", payment_status="APPROVED", expires_at=9)
    assert (page.back, page.refund, page.payable_until) == (100, 0, None)
    assert evolve(page, status="CANCELED").refund == 100
    assert evolve(page, status="PENDING").payable_until == 9


def test_a_tickets_money_is_always_somewhere():
    shown = [
        BookingPage(booking_id=1, price=100, status="BOOKED", payment_status="APPROVED"),
        BookingPage(booking_id=2, price=100, status="CANCELED", payment_status="APPROVED", refund_due=90),
        BookingPage(booking_id=3, price=100, status="CANCELED", payment_status="CANCELED", refund_amount=90),
        BookingPage(booking_id=4, price=100, status="CANCELED", payment_status="CANCELING", refund_amount=70),
        BookingPage(booking_id=5, price=100, status="EXPIRED", payment_status="CANCELED"),
        BookingPage(booking_id=6, price=100, payment_status="APPROVED"),
        BookingPage(booking_id=7, price=100, status="CANCELED"),
        BookingPage(booking_id=8, payment_status="CANCELED"),
    ]
    sums = summed(TicketPage(ticket_id=3), shown)
    assert (sums.booked, sums.canceled, sums.captured) == (1, 3, 600), "7 was never paid"
    assert (sums.kept, sums.pending, sums.refunded, sums.fees, sums.failed) == (200, 90, 190, 50, 70)
    assert sums.captured == sums.kept + sums.pending + sums.refunded + sums.fees + sums.failed


def test_an_expired_hold_is_shown_as_such():
    assert told(evolve(BOOK[1], status="EXPIRED", version=1)).booking.status == "EXPIRED"


def test_a_payment_of_nobody_knows_what_is_left_out():
    sheets = told(PaymentApproved(id=2))
    assert (sheets.booking, sheets.ticket) == (Sheets().booking, Sheets().ticket)


def test_everything_is_projected_by_the_same_command():
    assert all(WHENEVER[type(event)](event) == Project(event=event) for event in (*BOOK, *PAY, *TICKET))
