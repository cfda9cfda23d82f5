"""Every field of the graph × everybody who may ask: what REST's matrix says of the same operation, from one table."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest

from adapters.graphql import Schema
from adapters.graphql.guarded import ACTION
from adapters.graphql.tickets import TicketQueries
from apps.places import SERVICES
from myticket_core.access import Action
from tests.services.graphql_world import GraphWorld, actions, browser_input
from tests.services.rest_world import BROWSER
from tests.services.test_rest_authorization import EVERYBODY, MATRIX, OK, WHO, Stage, _bad_tokens, looked_at

CODES: Final = {"Unauthenticated": 401, "Forbidden": 403, "NotFound": 404, "InvalidInput": 400, "WrongCode": 409}
ASKED: Final = {
    "tickets": ("searchTickets", "{ tickets { __typename } }"),
    "ticket": ("getTicket", "{ ticket(id: {ticket}) { __typename } }"),
    "sale": ("getSale", "{ sale(ticketId: {ticket}) { __typename } }"),
    "deletion": ("previewDeletion", "{ deletion(ticketId: {ticket}) { __typename } }"),
    "deletionBookings": ("listOutcomes", "{ deletionBookings(ticketId: {ticket}, outcome: LEFT) { __typename } }"),
    "steerDeletion": ("steerDeletion", "mutation { steerDeletion(ticketId: {deleted}, paused: true) { __typename } }"),
    "registerTicket": ("registerTicket", "mutation { registerTicket(ticket: {price: 1{company}}) { __typename } }"),
    "changeTicket": ("changeTicket", "mutation { changeTicket(id: {ticket}, to: {price: 2}) { __typename } }"),
    "replaceTicket": ("replaceTicket", "mutation { replaceTicket(id: {ticket}, to: {price: 2}) { __typename } }"),
    "deleteTicket": ("deleteTicket", "mutation { deleteTicket(id: {ticket}) { __typename } }"),
    "book": ("book", "mutation { book(booking: {ticketId: {ticket}{customer}}) { __typename } }"),
    "bookings": ("listBooks", "{ bookings { __typename } }"),
    "booking": ("getBook", "{ booking(id: {book}) { __typename } }"),
    "payBooking": ("payBook", "mutation { payBooking(id: {book}) { __typename } }"),
    "cancelBooking": ("cancelBook", "mutation { cancelBooking(id: {book}) { __typename } }"),
    "cancellation": ("previewCancellation", "{ cancellation(id: {book}) { __typename } }"),
    "checkIn": ("checkIn", "mutation { checkIn(id: {book}) { __typename } }"),
    "checkIns": ("listCheckIns", "{ checkIns(ticketId: {ticket}) { __typename } }"),
    "waitings": ("listWaiting", "{ waitings { __typename } }"),
    "waiting": ("getWaiting", "{ waiting(ticketId: {sold_out}, customerId: 1) { __typename } }"),
    "joinWaiting": (
        "joinWaiting",
        "mutation { joinWaiting(place: {ticketId: {sold_out}{customer}}) { __typename } }",
    ),
    "leaveWaiting": (
        "leaveWaiting",
        "mutation { leaveWaiting(ticketId: {sold_out}, customerId: 1) { __typename } }",
    ),
    "approvePayment": (
        "approvePayment",
        "mutation { approvePayment(payment: {bookId: 77, price: 1}) { __typename } }",
    ),
    "payments": ("listPayments", "{ payments { __typename } }"),
    "paymentOfBooking": ("getPayment", "{ paymentOfBooking(bookId: {book}) { __typename } }"),
    "payment": ("getPayment", "{ payment(id: {payment}) { __typename } }"),
    "notifications": ("listNotifications", "{ notifications { __typename } }"),
    "notification": ("getNotification", "{ notification(id: {notification}) { __typename } }"),
    "markNotification": (
        "markNotification",
        "mutation { markNotification(id: {notification}, read: true) { __typename } }",
    ),
    "markNotifications": ("markNotifications", "mutation { markNotifications(readUpTo: 1) { __typename } }"),
    "contact": ("getContact", '{ contact(channel: "email") { __typename } }'),
    "putContact": (
        "putContact",
        'mutation { putContact(channel: "email", address: "kim@example.com") { __typename } }',
    ),
    "confirmContact": (
        "confirmContact",
        'mutation { confirmContact(channel: "email", code: "another") { __typename } }',
    ),
    "removeContact": ("removeContact", 'mutation { removeContact(channel: "email") { __typename } }'),
    "pushKey": ("getPushKey", "{ pushKey { __typename } }"),
    "pushSubscriptions": ("listSubscriptions", "{ pushSubscriptions { __typename } }"),
    "pushSubscription": ("getSubscription", '{ pushSubscription(id: "{browser}") { __typename } }'),
    "putPushSubscription": (
        "putSubscription",
        f"mutation {{ putPushSubscription(browser: {browser_input(BROWSER)}) {{ __typename }} }}",
    ),
    "removePushSubscription": (
        "removeSubscription",
        'mutation { removePushSubscription(id: "{browser}") { __typename } }',
    ),
    "bookingPages": ("listMypages", "{ bookingPages { __typename } }"),
    "bookingPage": ("getMypage", "{ bookingPage(bookId: {book}) { __typename } }"),
    "ticketPages": ("listGuestManagementPages", "{ ticketPages { __typename } }"),
    "ticketPage": ("getGuestManagementPage", "{ ticketPage(ticketId: {ticket}) { __typename } }"),
    "daysOfTicket": ("listDaysOfTicket", "{ daysOfTicket(ticketId: {ticket}) { __typename } }"),
    "bookingsOfTicket": ("listBookingsOfTicket", "{ bookingsOfTicket(ticketId: {ticket}) { __typename } }"),
}
"""Root field → what REST calls the same, and how it is asked."""
OF_FEDERATION: Final = {"_service": None, "_entities": None}
ELSEWHERE: Final = {"hearStripe", "searchPayments", "findPaymentByBookId", "listCustomerManagementPages",
                    "getCustomerManagementPage", "streamMypages", "streamGuestManagementPages"}  # fmt: skip
"""Of REST alone: a webhook, links, second names of the same, and streams, which here are subscriptions."""
LISTS: Final = ("bookings", "waitings", "payments", "notifications", "bookingPages", "ticketPages")


class GraphStage(GraphWorld, Stage):
    async def put(self, name: str, who: str | None, headers: Any = None) -> httpx.Response:
        document = ASKED[name][1]
        for word, id in self.ids_of.items():
            document = document.replace("{" + word + "}", str(id))
        admin = who == "admin"
        document = document.replace("{company}", ", companyId: 1" if admin else "")
        document = document.replace("{customer}", ", customerId: 1" if admin else "")
        return await self.ask(who, "POST", "/graphql", {"query": document}, headers=headers or {})


def status(answer: httpx.Response) -> str | int:
    """As REST would say it."""
    if answer.status_code != 200:
        return answer.status_code
    assert "errors" not in answer.json(), answer.text
    (value,) = answer.json()["data"].values()
    return CODES.get(value["__typename"], OK)


def test_every_root_field_has_its_row_and_every_operation_of_rest_a_field() -> None:
    roots = {name for kind, name, _ in actions(Schema(SERVICES)) if kind in ("Query", "Mutation")}
    assert roots == ASKED.keys() | OF_FEDERATION.keys()
    assert {operation for operation, _ in ASKED.values()} == MATRIX.keys() - ELSEWHERE


@pytest.mark.parametrize("services", [SERVICES, *((name,) for name in SERVICES)], ids=",".join)
def test_every_field_that_reads_or_does_something_names_its_action(services: tuple[str, ...]) -> None:
    told = list(actions(Schema(services)))
    assert len(told) > 3
    nameless = [(kind, name) for kind, name, action in told if not isinstance(action, Action)]
    assert set(nameless) <= {("Query", name) for name in OF_FEDERATION}


def test_a_field_without_an_action_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    (field,) = (it for it in TicketQueries.__strawberry_definition__.fields if it.python_name == "ticket")
    monkeypatch.setattr(field, "metadata", {name: value for name, value in field.metadata.items() if name != ACTION})
    found = [(kind, name) for kind, name, action in actions(Schema(["ticket"])) if action is None]
    assert ("Query", "ticket") in found


def test_every_action_of_the_policy_has_a_field() -> None:
    there = {action for _, _, action in actions(Schema(SERVICES))}
    assert set(Action) - there == {Action.SAY_AS_PROVIDER}


@pytest.mark.parametrize("name", ASKED)
async def test_everybody_gets_what_they_get_over_rest(name: str) -> None:
    changes = "mutation" in ASKED[name][1]
    stage = await GraphStage().played() if changes else await looked_at(GraphStage)
    for who, expected in zip(WHO, MATRIX[ASKED[name][0]].answers, strict=True):
        answer = await stage.put(name, who)
        got = status(answer)
        assert got == expected, (who, answer.text)
        if changes and got == OK:  # a refusal has changed nothing
            stage = await GraphStage().played()


@pytest.mark.parametrize("name", ASKED)
async def test_nobody_gets_in_without_a_token(name: str) -> None:
    stage = await looked_at(GraphStage)
    everybody = MATRIX[ASKED[name][0]].answers == EVERYBODY and "payment" not in name
    assert status(await stage.put(name, None)) == (OK if everybody else 401)


async def test_a_bad_token_is_turned_away_at_the_door() -> None:
    stage = await GraphStage().played()
    for why, headers in _bad_tokens(stage).items():
        answer = await stage.put("tickets", None, headers)
        assert answer.status_code == 401, (why, answer.text)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", ["customer 2", "organizer 2"])
async def test_lists_show_nothing_of_others(name: str, who: str) -> None:
    if MATRIX[ASKED[name][0]].answers[WHO.index(who)] != OK:
        return
    stage = await GraphStage().played()
    counted = f"{{ {name} {{ ... on {_connection(name)} {{ totalCount nodes {{ __typename }} }} }} }}"
    assert await stage.say(who, counted) == {"totalCount": 0, "nodes": []}
    assert (await stage.say("admin", counted))["totalCount"] > 0, "the admin sees nothing either: this proves nothing"


async def test_what_hangs_on_something_is_judged_by_itself() -> None:
    """The book service reads payments and no bookings: neither a reference nor what hangs on it lets it further."""
    stage = await GraphStage().played()
    asked = "query($it: [_Any!]!) { _entities(representations: $it) { ... on Booking { id payment { id } } } }"
    it = [{"__typename": "Booking", "id": stage.ids_of["book"]}]
    assert (await stage.say("customer 1", asked, it=it))[0]["payment"] == {"id": stage.ids_of["payment"]}
    assert await stage.say("customer 2", asked, it=it) == [None]
    assert await stage.say("organizer 2", asked, it=it) == [None]
    for who in (None, "service"):
        answer = (await stage.post(who, asked, it=it)).json()
        assert answer["data"]["_entities"] == [None]
        assert answer["errors"][0]["extensions"]["code"] == ("forbidden" if who else "unauthenticated")


async def test_owners_in_an_input_have_to_be_ones_own() -> None:
    stage = await GraphStage().played()
    for who, document in (
        (
            "organizer 2",
            "mutation { registerTicket(ticket: {price: 1, companyId: 1}) { ... on InvalidInput { member } } }",
        ),
        ("customer 2", "mutation { book(booking: {ticketId: 1, customerId: 1}) { ... on InvalidInput { member } } }"),
    ):
        assert (await stage.say(who, document))["member"] in document


def _connection(name: str) -> str:
    return f"{name[0].upper()}{name[1:-1]}Connection"
