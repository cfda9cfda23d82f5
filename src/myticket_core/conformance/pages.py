"""Any store of pages. Subclass PagesConformance; `new` gives a PageStore."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

from myticket_core.access import EVERYTHING, Scope
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.builders import Boom, boom
from myticket_core.conformance.page_catching_up import CatchingUp
from myticket_core.conformance.page_store import (
    PageStore,
    booked,
    canceled,
    merged,
    paid,
    project,
    refund_failed,
    refunded,
    registered,
    ticket_deleted,
)
from myticket_core.conformance.page_views import Viewing
from myticket_core.errors import NotFound
from myticket_core.mypage.model import BookingPage, News, TicketPage
from myticket_core.paging import Paging

__all__ = ["PageStore", "PagesConformance"]


def noted(number: int) -> News:
    return News(source=f"s{number}", version=1, at=number, status="BOOKED", members={"price": number})


def noting(number: int, given: list[object] | None = None) -> Callable[[Any], Any]:
    """The decision that writes the note on a page; what it was given goes to `given`."""

    def decide(page: Any) -> Any:
        if given is not None:
            given.append(page)
        return page.told(noted(number))

    return decide


class Projecting(Conformance[PageStore]):
    async def test_what_was_stored_is_read_again_in_every_member(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(5), paid(5), canceled(5))
        page = await store.pages.booking(5, EVERYTHING)
        self.assertEqual(await merged(5, booked(5), paid(5), canceled(5)), page)
        self.assertEqual((("book", 2), ("pay", 1)), page.seen)
        ticket = (await store.pages.ticket(6, EVERYTHING)).ticket
        self.assertEqual(("ON_SALE", "서울 '1'", 1), (ticket.status, ticket.name, len(ticket.history)))

    async def test_a_decision_is_given_the_page_or_a_blank_one(self) -> None:
        store = await self.new()
        given: list[object] = []
        for _ in range(2):
            await store.projection.change_booking(5, noting(1, given))
            await store.projection.change_ticket(6, noting(1, given))
        blank = BookingPage(booking_id=5), TicketPage(ticket_id=6)
        self.assertEqual([*blank, *(page.told(noted(1)) for page in blank)], given)

    async def test_no_change_is_lost_in_a_race(self) -> None:
        store = await self.new()
        await race(store.projection.change_booking(5, noting(number)) for number in range(50))
        await race(store.projection.change_ticket(6, noting(number)) for number in range(50))
        self.assertEqual(50, len((await store.pages.booking(5, EVERYTHING)).history))
        self.assertEqual(50, len((await store.pages.ticket(6, EVERYTHING)).ticket.history))

    async def test_a_failed_decision_leaves_nothing(self) -> None:
        store = await self.new()
        with self.assertRaises(Boom):
            await store.projection.change_booking(5, boom)
        with self.assertRaises(Boom):
            await store.projection.change_ticket(6, boom)
        await self.check_refused(store.pages.booking(5, EVERYTHING), NotFound)
        await self.check_refused(store.pages.ticket(6, EVERYTHING), NotFound)

    async def test_any_order_between_sources_makes_the_same_page(self) -> None:
        store = await self.new()
        for id, order in enumerate(permutations(range(4)), 1):
            said = booked(id), canceled(id), paid(id), refunded(id)
            await project(store.projection, *(said[number] for number in order))
            with self.subTest(order=order):
                self.assertEqual(await merged(id, *said), await store.pages.booking(id, EVERYTHING))

    async def test_an_event_heard_twice_changes_nothing(self) -> None:
        store = await self.new()
        await project(store.projection, *(booked(5), paid(5)) * 2)
        self.assertEqual(await merged(5, booked(5), paid(5)), await store.pages.booking(5, EVERYTHING))

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(5), paid(5))
        before = await store.pages.booking(5, EVERYTHING), await store.pages.ticket(6, EVERYTHING)
        store = await self.restarted(store)
        self.assertEqual(before, (await store.pages.booking(5, EVERYTHING), await store.pages.ticket(6, EVERYTHING)))


class Looking(Conformance[PageStore]):
    async def test_what_is_not_yours_is_not_found(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(5))
        for owner in (Scope(customer_id=7), Scope(company_id=1)):
            self.assertEqual(5, (await store.pages.booking(5, owner)).booking_id)
            self.assertEqual(1, (await store.pages.bookings(owner, None, Paging())).total)
        for stranger in (Scope(customer_id=8), Scope(company_id=7)):
            await self.check_refused(store.pages.booking(5, stranger), NotFound)
            self.assertEqual(0, (await store.pages.bookings(stranger, None, Paging())).total)
        self.assertEqual(6, (await store.pages.ticket(6, Scope(company_id=1))).ticket.ticket_id)
        for stranger in (Scope(customer_id=7), Scope(company_id=7)):
            await self.check_refused(store.pages.ticket(6, stranger), NotFound)
            self.assertEqual(0, (await store.pages.tickets(stranger, Paging())).total)

    async def test_a_page_that_says_not_whose_it_is_is_nobodys(self) -> None:
        store = await self.new()
        await store.projection.change_booking(5, noting(1))
        await store.projection.change_ticket(6, noting(1))
        self.assertEqual(5, (await store.pages.booking(5, EVERYTHING)).booking_id)
        self.assertEqual(1, (await store.pages.tickets(EVERYTHING, Paging())).total)
        for scope in (Scope(customer_id=1), Scope(company_id=1)):
            await self.check_refused(store.pages.booking(5, scope), NotFound)
            await self.check_refused(store.pages.ticket(6, scope), NotFound)

    async def test_an_organizer_page_sums_up_the_tickets_bookings(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), registered(8))
        await project(store.projection, booked(1, price=10), paid(1, price=10))
        over = booked(2, price=200), canceled(2, price=200), paid(2, price=200), refunded(2, price=200)
        await project(store.projection, *over, paid(3, price=4000))
        await project(store.projection, canceled(4, price=50_000, status="EXPIRED"), booked(9, ticket_id=8, price=7))
        await project(store.projection, canceled(10))  # a hold, which nobody had paid
        page = await store.pages.ticket(6, Scope(company_id=1))
        self.assertEqual((1, 1, 4210, 200), (page.booked, page.canceled, page.captured, page.refunded))
        listed = (await store.pages.tickets(Scope(company_id=1), Paging())).items
        self.assertEqual([page, await store.pages.ticket(8, EVERYTHING)], list(listed))
        self.assertEqual((1, 0, 0, 0), (listed[1].booked, listed[1].canceled, listed[1].captured, listed[1].refunded))

    async def test_the_money_of_a_ticket_is_somewhere_whatever_became_of_its_bookings(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(1, price=10_000), paid(1, price=10_000))
        for id, price in ((2, 2000), (3, 300), (4, 40), (5, 5)):
            await project(store.projection, booked(id, price=price), paid(id, price=price))
            await project(store.projection, canceled(id, price=price, refund=price * 4 // 5))
        await project(store.projection, refunded(3, price=300, back=240), refund_failed(4, price=40, amount=32))
        await project(store.projection, refunded(5, price=5, back=5))
        page = await store.pages.ticket(6, Scope(company_id=1))
        where = (page.kept, page.pending, page.refunded, page.fees, page.failed)
        self.assertEqual((10_000, 1600, 245, 468, 32), where)
        self.assertEqual((12_345, 12_345), (page.captured, sum(where)))
        seen = await store.pages.booking(4, Scope(customer_id=7))
        self.assertEqual(("CANCELING", 32, 32), (seen.payment_status, seen.refund_due, seen.refund_amount))

    async def test_the_sums_hold_beyond_64_bits(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(1, price=2**62), paid(1, price=2**62))
        await project(store.projection, booked(2, price=2**62), paid(2, price=2**62))
        page = await store.pages.ticket(6, EVERYTHING)
        self.assertEqual((2**63, 2**63, 0), (page.captured, page.kept, page.fees))
        self.assertEqual([page], list((await store.pages.tickets(EVERYTHING, Paging())).items))

    async def test_bookings_are_counted_by_the_day_in_korea_on_which_they_were_made(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), registered(8), registered(9))
        midnight = datetime(2026, 11, 22, 15, tzinfo=UTC)
        moments = {1: midnight - timedelta(milliseconds=1), 2: midnight, 3: midnight + timedelta(hours=23)}
        for id, at in moments.items():
            await project(store.projection, booked(id), paid(id), at=at)
        await project(store.projection, canceled(3), canceled(4, status="EXPIRED"), paid(5), at=midnight)
        await project(store.projection, booked(7, ticket_id=8), at=midnight)
        days = await store.pages.days(6, Scope(company_id=1))
        self.assertEqual([(date(2026, 11, 22), 1), (date(2026, 11, 23), 2)], list(days.items()))
        self.assertEqual({}, await store.pages.days(9, EVERYTHING))
        for stranger in (Scope(customer_id=7), Scope(company_id=7)):
            await self.check_refused(store.pages.days(6, stranger), NotFound)

    async def test_a_deleted_ticket_stays_on_its_organizers_page(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), ticket_deleted(6))
        self.assertEqual("DELETED", (await store.pages.ticket(6, Scope(company_id=1))).ticket.status)

    async def test_bookings_of_one_ticket(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1), booked(2, ticket_id=8), booked(3))
        page = await store.pages.bookings(Scope(company_id=1), 6, Paging())
        self.assertEqual(([1, 3], 2), ([it.booking_id for it in page.items], page.total))

    async def test_a_total_is_that_of_the_whole_list_however_much_lies_behind_the_page(self) -> None:
        store = await self.new()
        await race(project(store.projection, booked(id)) for id in range(1, 126))
        for number, size in ((0, 1), (0, 24), (0, 25), (0, 26), (1, 12), (1, 13), (6, 20), (7, 20), (0, 200)):
            page = await store.pages.bookings(Scope(customer_id=7), None, Paging(number=number, size=size))
            expected = [*range(number * size + 1, min((number + 1) * size, 125) + 1)]
            self.assertEqual((expected, 125), ([it.booking_id for it in page.items], page.total), (number, size))

    async def test_all_are_read_by_going_on_behind_the_last(self) -> None:
        store = await self.new()
        await project(store.projection, *(booked(id, ticket_id=id % 3) for id in (10, 2, 7, 30, 9)), paid(4))
        read: list[int] = []
        while found := await store.pages.behind(read[-1] if read else -1, 4):
            self.assertLessEqual(len(found), 4)
            self.assertEqual([await store.pages.booking(it.booking_id, EVERYTHING) for it in found], list(found))
            read += [it.booking_id for it in found]
        self.assertEqual([2, 4, 7, 9, 10, 30], read)

    async def test_pages_never_overlap_however_sorted(self) -> None:
        store = await self.new()
        for id in range(1, 11):
            await project(store.projection, (booked, canceled)[id % 2](id, ticket_id=id % 3 + 1, price=id % 4))
            start = timedelta(minutes=id % 3) // timedelta(milliseconds=1) if id % 4 else None
            await project(store.projection, registered(id, name="abc"[id % 3], price=id % 2, start_date=start))
        await project(store.projection, ticket_deleted(3))
        bookings = ("booking_id", "ticket_id", "price", "status", "start_date")
        await self.check_lists(lambda paging: store.pages.bookings(EVERYTHING, None, paging), bookings)
        tickets = ("ticket_id", "name", "price", "status", "start_date")
        await self.check_lists(lambda paging: store.pages.tickets(EVERYTHING, paging), tickets, lambda it: it.ticket)


class PagesConformance(Projecting, Looking, CatchingUp, Viewing):
    """All that a store of pages guarantees."""
