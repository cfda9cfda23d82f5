"""The graph says what REST says: codes, keys, pages, correlation; and reads what hangs on a list at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

import pytest
import structlog

from adapters.graphql import payments
from adapters.graphql.problems import Problem, problem_of
from adapters.graphql.scalars import read, whole
from adapters.memory import MemoryBookings, MemoryPaymentBook, MemorySales, MemoryTickets
from adapters.rest.problems import TITLES
from adapters.rest.routes import TOLD
from apps.places import SERVICES
from myticket_core.errors import InDoubt, MyticketError, Unavailable
from myticket_core.payment.model import Status as PaymentStatus
from tests.services.graphql_world import GraphWorld, schema
from tests.services.test_graphql_authorization import ASKED

BOOK: Final = """mutation($booking: NewBooking!, $key: String) { book(booking: $booking, idempotencyKey: $key) {
    __typename
    ... on Booked { replayed booking { id status price customerId ticketId createdAt } }
    ... on PaymentPending { code booking { id status } }
    ... on Problem { code message }
    ... on PriceChanged { price } ... on SoldOut { remaining } ... on TooManyHolds { limit }
    ... on PayLater { retryAfter booking { id status expiresAt } }
} }"""
BY_OTHER_NAMES: Final = {"method_not_allowed", "not_acceptable", "too_slow", "too_large", "unsupported_media_type",
                         "too_many_requests", "internal"}  # fmt: skip
"""The door says these, in REST's own words, before or after there is a graph."""


def problems(kind: type = Problem) -> set[type]:
    return {found for it in kind.__subclasses__() for found in (it, *problems(it))}


def test_every_code_of_rest_has_a_type() -> None:
    assert {kind.CODE for kind in problems()} == TITLES.keys() - BY_OTHER_NAMES


def test_a_field_may_answer_whatever_its_operation_may() -> None:
    """What the description of REST says of an operation, its union says too, but what only a header can bring about."""
    routes = GraphWorld().app.routes
    told = [handler.opt.get(TOLD) for route in routes for handler in getattr(route, "route_handlers", ())]
    said = {it.id: {*it.problems} - ({"changed_meanwhile"} if it.anew else set()) for it in told if it is not None}
    graph = schema(SERVICES)._schema
    fields = {**graph.query_type.fields, **graph.mutation_type.fields}
    for name, (operation, _) in ASKED.items():
        kinds = [kind.extensions["strawberry-definition"].origin for kind in fields[name].type.types]
        codes = {kind.CODE for kind in kinds if issubclass(kind, Problem)}
        assert said[operation] <= codes, name
        assert "invalid" in codes
        assert ("in_doubt" in codes) is (name in graph.mutation_type.fields), name
    assert {"sold_out", "expired", "key_reused"} <= said["book"]


async def test_what_may_have_happened_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: Any) -> Any:
        raise InDoubt("db-7 did not say")

    world = GraphWorld()
    monkeypatch.setattr(MemoryTickets, "add", silent)
    register = "mutation { registerTicket(ticket: {price: 1}) { __typename ... on Problem { code } } }"
    assert await world.say("organizer 1", register) == {"__typename": "InDoubt", "code": "in_doubt"}


async def test_a_booking_is_answered_as_the_protocol_says() -> None:
    world = GraphWorld()
    ticket = await world.ticket(capacity=2)

    async def book(who: str = "customer 1", **said: Any) -> Any:
        return await world.say(who, BOOK, booking={"ticketId": ticket, **said})

    booked = await book(price=15000)
    assert (booked["__typename"], booked["replayed"], booked["booking"]["status"]) == ("Booked", False, "BOOKED")
    assert booked["booking"]["createdAt"] == "2026-11-22T16:09:00.000Z"
    changed = await book(price=1)
    assert (changed["__typename"], changed["code"], changed["price"]) == ("PriceChanged", "price_changed", 15000)
    declined = await book(paymentMethod="declined")
    assert (declined["__typename"], declined["code"]) == ("PaymentDeclined", "payment_declined")
    pending = await book(paymentMethod="late")
    assert (pending["__typename"], pending["code"]) == ("PaymentPending", "payment_pending")
    payments = "{ payments(first: 9) { ... on PaymentConnection { nodes { status inDoubt } } } }"
    doubts = {it["status"]: it["inDoubt"] for it in (await world.say("customer 1", payments))["nodes"]}
    assert doubts == {"APPROVED": False, "DECLINED": False, "REQUESTED": True}
    gone = await book()
    assert (gone["__typename"], gone["remaining"]) == ("SoldOut", 0)
    assert (await book(ticketId=99))["__typename"] == "NotFound"
    assert (await book(ticketId=0))["__typename"] == "InvalidInput"
    await world.ask("organizer 1", "DELETE", f"/tickets/{ticket}")
    await world.settle()
    assert (await book())["__typename"] == "Closed"


async def test_what_is_free_is_booked_without_asking_any_provider() -> None:
    world = GraphWorld()
    ticket = await world.ticket(price=0)
    world.provider.down = True
    for how in ({}, {"paymentMethod": "declined"}):
        booked = await world.say("customer 1", BOOK, booking={"ticketId": ticket, "price": 0, **how})
        assert (booked["__typename"], booked["booking"]["price"]) == ("Booked", 0)


async def test_who_cannot_pay_now_pays_later() -> None:
    world = GraphWorld()
    await world.ticket()
    world.provider.down = True
    later = await world.say("customer 1", BOOK, booking={"ticketId": 1})
    assert (later["__typename"], later["retryAfter"] >= 1) == ("PayLater", True)
    pay = "mutation($id: Long!) { payBooking(id: $id) { __typename ... on Booked { booking { status } } } }"
    assert (await world.say("customer 1", pay, id=later["booking"]["id"]))["__typename"] == "PayLater"
    world.provider.down = False
    assert (await world.say("customer 1", pay, id=later["booking"]["id"]))["booking"] == {"status": "BOOKED"}


async def test_a_cancel_costs_no_more_than_was_agreed_to() -> None:
    world = GraphWorld()
    await world.ticket(cancelFeePercent=10)
    await world.say("customer 1", BOOK, booking={"ticketId": 1})
    cancel = """mutation($fee: Long) { cancelBooking(id: 1, fee: $fee) { __typename ... on Problem { code }
        ... on FeeChanged { fee } ... on BookingCanceled { booking { status refund } } } }"""
    changed = await world.say("customer 1", cancel, fee=1499)
    assert changed == {"__typename": "FeeChanged", "code": "fee_changed", "fee": 1500}
    assert (await world.say("customer 1", cancel, fee=-1))["code"] == "invalid"
    over = await world.say("customer 1", cancel, fee=1500)
    assert over["booking"] == {"status": "CANCELED", "refund": 13500}
    assert (await world.say("customer 1", cancel))["__typename"] == "BookingCanceled"


async def test_what_a_cancel_costs_need_not_be_said() -> None:
    world = GraphWorld()
    await world.ticket(cancelFeePercent=10)
    await world.say("customer 1", BOOK, booking={"ticketId": 1})
    over = await world.say(
        "customer 1", "mutation { cancelBooking(id: 1) { ... on BookingCanceled { booking { refund } } } }"
    )
    assert over["booking"] == {"refund": 13500}


async def test_a_key_is_the_same_over_both() -> None:
    world = GraphWorld()
    await world.ticket()
    first = await world.say("customer 1", BOOK, booking={"ticketId": 1}, key="k")
    again = await world.say("customer 1", BOOK, booking={"ticketId": 1}, key="k")
    assert (first["replayed"], again["replayed"]) == (False, True)
    over_rest = await world.ask("customer 1", "POST", "/books", {"ticketId": 1}, headers={"Idempotency-Key": "k"})
    assert (over_rest.json()["id"], over_rest.headers["Idempotency-Replayed"]) == (first["booking"]["id"], "true")
    other = await world.say("customer 1", BOOK, booking={"ticketId": 1, "price": 15000}, key="k")
    assert (other["__typename"], other["code"]) == ("KeyReused", "key_reused")
    assert (await world.say("customer 2", BOOK, booking={"ticketId": 1}, key="k"))["replayed"] is False
    for odd in ("", "ü", "x" * 201):
        assert (await world.say("customer 1", BOOK, booking={"ticketId": 1}, key=odd))["code"] == "invalid"
    assert len(world.provider.amounts) == 2


async def test_the_correlation_id_of_the_header_is_that_of_what_follows() -> None:
    world = GraphWorld()
    await world.ticket()
    asked = {"query": BOOK, "variables": {"booking": {"ticketId": 1}}}
    answer = await world.ask("customer 1", "POST", "/graphql", asked, headers={"X-Correlation-Id": "mine"})
    assert answer.headers["X-Correlation-Id"] == "mine"
    await world.settle()
    told = "{ notifications { ... on NotificationConnection { nodes { correlationId } } } }"
    assert {"correlationId": "mine"} in (await world.say("customer 1", told))["nodes"]


async def test_how_many_one_has_not_read_is_told_beside_whatever_is_listed() -> None:
    world = GraphWorld()
    await world.ticket()
    for _ in range(3):
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    told = "... on NotificationConnection { unread totalCount nodes { id } }"
    found = await world.say("customer 1", f"{{ notifications(first: 1) {{ {told} }} }}")
    assert (found["unread"], found["totalCount"]) == (3, 3)
    marking = f"mutation {{ markNotification(id: {found['nodes'][0]['id']}, read: true) {{ __typename }} }}"
    assert await world.say("customer 1", marking) == {"__typename": "Notification"}
    assert await world.say("customer 1", f"{{ notifications(read: true) {{ {told} }} }}") == {
        "unread": 2,
        "totalCount": 1,
        "nodes": found["nodes"],
    }
    assert (await world.say("customer 2", f"{{ notifications {{ {told} }} }}"))["unread"] == 0
    reading = "mutation { markNotifications(readUpTo: 999) { ... on NotificationsRead { unread } } }"
    assert await world.say("customer 1", reading) == {"unread": 0}


async def test_pages_of_any_size_show_everything_once() -> None:
    world = GraphWorld()
    for price in range(7):
        await world.ticket(price=price)
    asked = """query($first: Int!, $after: String) {
        tickets(first: $first, after: $after, orderBy: [{field: PRICE, descending: true}]) { ... on TicketConnection {
            totalCount edges { cursor node { price } } nodes { price }
            pageInfo { hasNextPage hasPreviousPage endCursor }
        } } }"""
    for sizes in ([3, 3, 3], [2, 5], [1, 4, 2, 1], [7], [400]):
        seen, after = [], None
        for first in sizes:
            page = await world.say(None, asked, first=first, after=after)
            assert page["totalCount"] == 7
            assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
            assert [edge["node"] for edge in page["edges"]] == page["nodes"]
            seen += [node["price"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            assert page["pageInfo"]["hasNextPage"] == (len(seen) < 7)
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert seen == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    "arguments",
    ["first: 0", "first: 1001", 'after: "x"', 'after: "ü"', 'after: "YWZ0ZXIgLTE="', 'where: {text: "\\u0007"}',
     "orderBy: [" + "{field: ID}" * 6 + "]", "where: {companyId: 0}"],
)  # fmt: skip
async def test_what_no_list_can_be_is_said_by_name(arguments: str) -> None:
    found = await GraphWorld().say(None, f"{{ tickets({arguments}) {{ ... on InvalidInput {{ code member }} }} }}")
    assert found["code"] == "invalid"
    assert found["member"] in f"{arguments} text companyId"


async def test_what_hangs_on_a_list_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = Counter[str]()
    for kind, names in READS.items():
        for name in names:
            _count(monkeypatch, reads, kind, name)
    world = GraphWorld()
    for _ in range(5):
        ticket = await world.ticket()
        for _ in range(2):
            await world.ask("customer 1", "POST", "/books", {"ticketId": ticket})
    reads.clear()
    asked = """{ bookings { ... on BookingConnection { nodes {
        ticket { name price sale { booked } } payment { status } again: ticket { id } } } } }"""
    nodes = (await world.say("customer 1", asked))["nodes"]
    assert len(nodes) == 10
    assert all(node["ticket"]["sale"] == {"booked": 2} and node["payment"] == {"status": "APPROVED"} for node in nodes)
    assert reads == {
        "MemoryBookings.list": 1,
        "MemoryTickets.many": 1,
        "MemorySales.many": 1,
        "MemoryPaymentBook.of_bookings": 1,
    }


READS: Final[dict[type, tuple[str, ...]]] = {
    MemoryTickets: ("many", "get"),
    MemorySales: ("many", "get"),
    MemoryBookings: ("list", "get"),
    MemoryPaymentBook: ("of_bookings", "of_booking", "get"),
}


def _count(monkeypatch: pytest.MonkeyPatch, reads: Counter[str], kind: type, name: str) -> None:
    read = getattr(kind, name)

    async def counted(*arguments: Any) -> Any:
        reads[f"{kind.__name__}.{name}"] += 1
        return await read(*arguments)

    monkeypatch.setattr(kind, name, counted)


PAGES: Final = {
    "bookingPages": ("customer 1", "", "BookingPageConnection", "nodes { bookId status }"),
    "bookingPage": ("customer 1", "bookId: 1,", "BookingPage", "bookId status"),
    "ticketPages": ("organizer 1", "", "TicketPageConnection", "nodes { booked }"),
    "ticketPage": ("organizer 1", "ticketId: 1,", "TicketPage", "booked"),
    "daysOfTicket": ("organizer 1", "ticketId: 1,", "BookedDays", "days { day booked }"),
    "bookingsOfTicket": ("organizer 1", "ticketId: 1,", "BookingPageConnection", "nodes { bookId status }"),
}


@pytest.mark.parametrize("field", PAGES)
async def test_a_page_waits_for_what_one_has_just_done(field: str) -> None:
    """As over REST, to whose X-Version `position` is the same."""
    world, (who, of, kind, members) = GraphWorld(), PAGES[field]
    await world.ticket()
    over_rest = (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).headers["X-Version"]
    asked = "{ booking(id: 1) { ... on Booking { position ticket { position } } } }"
    said = await world.say("customer 1", asked)
    assert said == {"position": over_rest, "ticket": {"position": "ticket:1:1"}}
    page = f'{{ {field}({of} minVersion: "{over_rest}") {{ ... on {kind} {{ caughtUp {members} }} }} }}'
    early = await world.say(who, page)
    assert early["caughtUp"] is False
    if field == "bookingPage":
        assert (early["bookId"], early["status"]) == (1, None)
    waiting = asyncio.create_task(world.say(who, page))
    await asyncio.sleep(0)
    await world.settle()
    there = await waiting
    assert there == {**await world.say(who, page.replace(f' minVersion: "{over_rest}"', " ").replace("( )", ""))}
    assert there["caughtUp"] is True
    wrong = f'{{ {field}({of} minVersion: "5") {{ ... on InvalidInput {{ member }} }} }}'
    assert await world.say(who, wrong) == {"member": "minVersion"}


async def test_what_is_left_out_of_a_change_stays() -> None:
    world = GraphWorld()
    ticket = await world.ticket(name="Jazz", capacity=5, startDate="2027-01-01")
    change = (
        "mutation($to: TicketPatch!) { changeTicket(id: 1, to: $to) { ... on Ticket { name capacity startDate } } }"
    )
    assert ticket == 1
    found = await world.say("organizer 1", change, to={"capacity": None})
    assert found == {"name": "Jazz", "capacity": None, "startDate": "2027-01-01T00:00:00.000Z"}
    replace = "mutation { replaceTicket(id: 1, to: {price: 2}) { ... on Ticket { name price startDate } } }"
    assert await world.say("organizer 1", replace) == {"name": None, "price": 2, "startDate": None}
    refused = "mutation($to: TicketPatch!) { changeTicket(id: 1, to: $to) { ... on InvalidInput { member } } }"
    assert await world.say("admin", refused, to={"companyId": 2}) == {"member": "companyId"}
    assert await world.say(
        "organizer 1", refused, to={"endDate": "x"} | {"endDate": "2020-01-01", "startDate": "2021-01-01"}
    ) == {"member": "endDate"}


@pytest.mark.parametrize("value", [True, 1.5, 2**53, -(2**53), "1", None, float("inf"), [1]])
def test_a_long_is_exact_or_none(value: object) -> None:
    with pytest.raises(Exception, match="a Long is an integer"):
        whole(value)
    assert (whole(2**53 - 1), whole(3.0)) == (2**53 - 1, 3)


@pytest.mark.parametrize(
    "value", ["", "x", "2027", "2027-13-01", 1, None, "2027-01-01T00:00:00+99:00", "0001-01-01T00:00:00+10:00"]
)
def test_a_moment_is_one_or_none(value: object) -> None:
    with pytest.raises(Exception, match="a DateTime is like"):
        read(value)
    assert read("2027-01-01T09:00:00.123456+09:00") == datetime(2027, 1, 1, 0, 0, 0, 123000, UTC)


def test_every_status_of_a_payment_but_one_can_be_told() -> None:
    assert {it.value for it in PaymentStatus} - {it.value for it in payments.PaymentStatus} == {"VOID"}


async def test_what_many_bookings_come_to_is_shown_however_much_it_is() -> None:
    world, most = GraphWorld(), 2**53 - 1
    await world.ticket(price=most)
    for _ in range(2):
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    page = await world.say("organizer 1", "{ ticketPage(ticketId: 1) { ... on TicketPage { captured } } }")
    toll = await world.say("organizer 1", "{ deletion(ticketId: 1) { ... on Deletion { booked { money } } } }")
    assert (page, toll) == ({"captured": 2 * most}, {"booked": {"money": 2 * most}})


@pytest.mark.parametrize("error", [Unavailable("postgresql://db-7/book is away"), InDoubt("db-7 did not say")])
def test_what_does_not_answer_us_is_told_to_the_log_and_to_nobody_else(error: MyticketError) -> None:
    with structlog.testing.capture_logs() as logs:
        told = problem_of(error)
    assert told is not None
    assert "db-7" not in told.message
    assert [(it["log_level"], it["why"]) for it in logs] == [("warning", str(error))]


CHANGE: Final = """mutation($to: TicketPatch!, $v: Long) {
    changeTicket(id: 1, to: $to, expectedVersion: $v) { __typename ... on Problem { code } } }"""
REPLACE: Final = CHANGE.replace("TicketPatch", "NewTicket").replace("changeTicket", "replaceTicket")
DELETE: Final = """mutation($v: Long) {
    deleteTicket(id: 1, expectedVersion: $v) { __typename ... on Problem { code } } }"""
TO: Final = {"to": {"price": 9}}


@pytest.mark.parametrize("document, said", [(CHANGE, TO), (REPLACE, TO), (DELETE, {})])
async def test_a_ticket_changes_only_in_the_version_that_is_expected(document: str, said: Any) -> None:
    world = GraphWorld()
    await world.ticket()
    await world.say("organizer 1", CHANGE, to={"price": 5})
    for version in (1, 3, 0):
        refused = await world.say("organizer 1", document, v=version, **said)
        assert refused == {"__typename": "ChangedMeanwhile", "code": "changed_meanwhile"}
    assert (await world.say("organizer 1", document, v=2, **said))["__typename"] in ("Ticket", "TicketDeleted")


LONG: Final = "a Long is an integer from -9007199254740991 to 9007199254740991"
MOMENT: Final = "a DateTime is like 2027-01-23T18:25:43.511Z, in the years 1 to 9999"


@pytest.mark.parametrize(
    "document, told, column",
    [
        ('{ ticket(id: "x") { __typename } }', f"id: {LONG}", 14),
        ("{ ticket(id: 9007199254740992) { __typename } }", f"id: {LONG}", 14),
        ("{ ticket(id: -99999999999999999999) { __typename } }", f"id: {LONG}", 14),
        ("{ tickets(where: {priceFrom: 1.5}) { __typename } }", f"priceFrom: {LONG}", 30),
        ("mutation { registerTicket(ticket: {price: true}) { __typename } }", f"price: {LONG}", 43),
        ('{ tickets(where: {toDate: "2026-02-30"}) { __typename } }', f"toDate: {MOMENT}", 27),
        ("{ tickets(where: {toDate: 5}) { __typename } }", f"toDate: {MOMENT}", 27),
        ('query($id: Long = "x") { ticket(id: $id) { __typename } }', LONG, 19),
    ],
)
async def test_a_wrong_literal_is_told_with_its_name_and_place(document: str, told: str, column: int) -> None:
    answer = await GraphWorld().post("organizer 1", document)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "invalid")
    assert (error["message"], error["locations"]) == (told, [{"line": 1, "column": column}])


@pytest.mark.parametrize("member, value", [("priceFrom", -1), ("priceTo", -1), ("companyId", 0)])
async def test_a_search_is_refused_where_rest_refuses_it(member: str, value: int) -> None:
    world = GraphWorld()
    search = f"{{ tickets(where: {{{member}: {value}}}) {{ ... on InvalidInput {{ code member allowed }} }} }}"
    rest = (await world.ask(None, "GET", f"/tickets?{member}={value}")).json()
    refused = {name: rest[name] for name in ("code", "member", "allowed")}
    assert await world.say(None, search) == refused == {**refused, "code": "invalid", "member": member}


@pytest.mark.parametrize(
    "bounds, found",
    [
        ({"from": "2027-01-15", "to": "2027-01-15"}, 1),
        ({"to": "2027-01-15"}, 1),
        ({"to": "2027-01-14"}, 0),
        ({"to": "2027-01-15T00:00:00Z"}, 0),
        ({"to": "2027-01-15T23:30:00Z"}, 1),
        ({"from": "2027-01-16"}, 0),
        ({"to": "9999-12-31"}, 1),
    ],
)
async def test_a_day_is_searched_to_its_end_as_over_rest(bounds: dict[str, str], found: int) -> None:
    world = GraphWorld()
    await world.ticket(startDate="2027-01-15T23:30:00Z", endDate="2027-01-15T23:59:00Z")
    search = "query($where: TicketFilter) { tickets(where: $where) { ... on TicketConnection { totalCount } } }"
    where = {f"{name}Date": day for name, day in bounds.items()}
    literal = "{" + ", ".join(f'{name}: "{day}"' for name, day in where.items()) + "}"
    assert await world.say(None, search, where=where) == {"totalCount": found}
    written = search.replace("($where: TicketFilter)", "").replace("$where", literal)
    assert await world.say(None, written) == {"totalCount": found}
    rest = await world.ask(None, "GET", "/tickets?" + "&".join(f"{name}={day}" for name, day in bounds.items()))
    assert rest.json()["page"]["totalElements"] == found


async def test_a_day_is_the_same_wish_over_both() -> None:
    world, key = GraphWorld(), {"Idempotency-Key": "k"}
    ticket = {"price": 1, "startDate": "2027-01-15", "endDate": "2027-01-16"}
    await world.ask("organizer 1", "POST", "/tickets", ticket, headers=key)
    again = """mutation($ticket: NewTicket!) { registerTicket(ticket: $ticket, idempotencyKey: "k") {
        ... on TicketRegistered { replayed ticket { startDate endDate } } } }"""
    assert await world.say("organizer 1", again, ticket=ticket) == {
        "replayed": True,
        "ticket": {"startDate": "2027-01-15T00:00:00.000Z", "endDate": "2027-01-16T00:00:00.000Z"},
    }
