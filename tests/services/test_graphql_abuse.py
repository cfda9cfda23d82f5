"""What nobody means well is refused, at once, and nothing is looked up for it; what many mean well is not."""

from __future__ import annotations

import gc
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from graphql import get_introspection_query

from adapters.graphql import read_operations
from adapters.graphql.limits import MOST_COSTLY, MOST_DEEP, MOST_TOKENS
from adapters.rest import Buckets, Limits
from myticket_core.errors import Invalid
from myticket_core.paging import Page
from tests.services.graphql_abuse import SORTS, abuses
from tests.services.graphql_world import GraphWorld

NUMBER = int(os.environ.get("MYTICKET_TEST_ABUSE", "400"))
"""make test tries a few of each; ten thousand and more: the environment says so."""
BOUND = 0.1
"""Seconds of CPU for each, whatever it is."""


@pytest.fixture
def no_collection() -> Iterator[None]:
    """What this process has to collect, of all tests before, is not what a request costs."""
    gc.disable()
    yield
    gc.enable()


async def test_every_abuse_is_a_bounded_refusal(no_collection: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world, seen, worst = GraphWorld(), set(), (0.0, "")

    async def looked_up(*_: Any) -> Page[Any]:
        raise AssertionError("it was carried out")

    for store, read in ((world.bookings, "list"), (world.tickets, "search")):
        monkeypatch.setattr(type(store), read, looked_up)
    headers = {**world.token("customer 1"), "Content-Type": "application/json"}
    await world.client.post("/graphql", content=b"{}", headers=headers)
    for at, (sort, body) in enumerate(abuses(seed=1, number=NUMBER)):
        if at % 200 == 0:
            gc.collect()
        began = time.thread_time()
        answer = await world.client.post("/graphql", content=body, headers=headers)
        took = time.thread_time() - began
        worst = max(worst, (took, sort))
        seen.add(sort)
        assert 400 <= answer.status_code < 500, (sort, answer.status_code, body[:300], answer.text[:300])
        assert answer.status_code == 413 or answer.json()["errors"], sort
        assert len(answer.content) < 5_000, sort
        assert took < BOUND, (sort, took, body[:300])
    assert seen == SORTS.keys()
    print(f"{NUMBER} abuses, the dearest took {worst[0] * 1000:.0f} ms: {worst[1]}")


@pytest.mark.parametrize(
    "body, why",
    [
        (
            b'{"query": "{ __typename }", "query": "mutation { cancelBooking(id: 1) { __typename } }"}',
            "query stands there twice",
        ),
        (b'{"query": "{ __typename }", "variables": {"id": 1, "id": 2}}', "id stands there twice"),
        (b'{"query": "{ __typename }", "variables": {"price": NaN}}', "NaN is not a JSON number"),
        (b'{"query": "{ __typename }", "variables": {"price": -Infinity}}', "-Infinity is not a JSON number"),
        (b'{"query": "{\n __typename }"}', "Invalid control character, character 13"),
    ],
)
async def test_what_readers_of_json_take_for_different_things_is_none(body: bytes, why: str) -> None:
    """As over REST: a gateway that reads it another way has let in another request. And it is told what is wrong."""
    world = GraphWorld()
    headers = {**world.token("customer 1"), "Content-Type": "application/json"}
    answer = await world.client.post("/graphql", content=body, headers=headers)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "invalid")
    assert error["message"] == f"the body is a JSON object in UTF-8, no member twice ({why})"


def deep(levels: int) -> str:
    """So many levels of selections."""
    return "{ bookings " + "{ ...on BookingConnection " * (levels - 1) + "{ totalCount }" + "}" * (levels - 1) + " }"


def by_fragment(above: int) -> str:
    """Ten levels in a fragment, so many of fields above it."""
    below = "fragment f on BookingConnection " + "{ ... on BookingConnection " * 9 + "{ totalCount }" + "}" * 9
    return deep(above - 1).replace("totalCount", "...f") + below


def fields(many: int) -> str:
    return "{" + " ".join(f"a{n}" for n in range(many)) + "}"


def lists(many: int) -> str:
    searches = (f"a{n}: tickets {{ ... on TicketConnection {{ totalCount }} }}" for n in range(many))
    return "{" + " ".join(searches) + "}"


def alike(above: int, below: int) -> str:
    """So many beside each other, and so many in each."""
    return "{" + f"tickets {{ ... on TicketConnection {{ {'nodes { id } ' * below} }} }} " * above + "}"


def alike_in_a_fragment(above: int, below: int) -> str:
    return "{" + "tickets { ...f } " * above + "} fragment f on TicketConnection {" + "nodes { id } " * below + "}"


def commands(many: int) -> str:
    return "mutation {" + " ".join(f"a{n}: cancelBooking(id: 1) {{ __typename }}" for n in range(many)) + "}"


@pytest.mark.parametrize(
    "within, beyond",
    [
        (deep(MOST_DEEP - 1), deep(MOST_DEEP)),
        (by_fragment(11), by_fragment(12)),
        (fields(MOST_TOKENS - 2), fields(MOST_TOKENS - 1)),
        (commands(4), commands(5)),
        (lists(41), lists(42)),
        (alike(20, 1), alike(21, 1)),
        (alike(4, 5), alike(3, 7)),
        (alike_in_a_fragment(4, 5), alike_in_a_fragment(3, 7)),
        ("{ bookings(first: 1000) { ... on BookingConnection { nodes { id price } } } }",
         "{ bookings(first: 1000) { ... on BookingConnection { nodes { id price ticket { id } } } } }"),
    ],
    ids=["depth", "by a fragment", "tokens", "commands", "lists", "alike", "alike below", "and in a fragment", "cost"],
)  # fmt: skip
async def test_the_limits_are_where_they_are_said_to_be(within: str, beyond: str) -> None:
    world = GraphWorld()
    costly = (await world.post("customer 1", within)).json()
    assert not _codes(costly) & {"too_costly"}, costly
    answer = await world.post("customer 1", beyond)
    assert (answer.status_code, _codes(answer.json())) == (400, {"too_costly"})


PAGE = """{ bookings { ... on BookingConnection { totalCount nodes {
    id status payment { status } ticket { name sale { remaining } } } } } }"""


OUTCOMES = ("Booked", "PaymentPending", "PayLater", "PaymentDeclined", "Expired")
BOOK = "".join(f"... on {it} {{ booking {{ id }} }} " for it in OUTCOMES)
"""Of each outcome a member that has the name of a field that reads."""
REFERENCE = '{__typename: "Booking", id: 1}'


@pytest.mark.parametrize(
    "document, requests",
    [
        ("{ __typename }", 1),
        ("{ ticket(id: 1) { __typename } }", 1),
        (lists(15), 15),
        ("{ ...f ...f } fragment f on Query { tickets { __typename } }", 2),
        (PAGE, 4),
        ("query a { tickets { __typename } } query b { " + lists(3)[1:], 3),
        (f"mutation {{ book(booking: {{ticketId: 1}}) {{ {BOOK} }} }}", 1),
        (f"{{ _entities(representations: [{REFERENCE}, {{id: 1}}]) {{ __typename }} }}", 3),
        (
            f"query($r: [_Any!]! = [{REFERENCE}, {REFERENCE}]) {{ _entities(representations: $r) {{ __typename }} }}",
            3,
        ),
        (
            "query b($n: [Int] = [1, 2, 3]) { __typename } query a($n: [_Any!]! = []) {"
            " _entities(representations: $n) { __typename } }",
            1,
        ),
    ],
    ids=[
        *("nothing", "one", "aliases", "a fragment", "a page", "the dearer operation", "a command", "references"),
        *("references by default", "another's default"),
    ],
)
async def test_a_document_counts_as_many_requests_as_it_reads(document: str, requests: int) -> None:
    world = GraphWorld(limits=Limits(Buckets("principal", 2, lambda: 0.0), Buckets("address", 2, lambda: 0.0)))
    await world.ask("customer 1", "POST", "/graphql", {"query": document, "operationName": "b"})
    answer = await world.post("customer 1", "{ __typename }")
    assert answer.headers["RateLimit"] == f'"principal";r={20 - requests - 1};t={(requests + 2) // 2}'
    for _ in range(20 - requests - 1):
        assert (await world.post("customer 2", "{ __typename }")).status_code == 200
    refused = await world.post("customer 2", "{ __typename }")
    assert refused.json()["detail"].startswith("at most 2 requests a second from one address")


async def test_who_has_too_little_left_for_a_document_is_told_when_to_come_back_and_nothing_is_read() -> None:
    world, now = GraphWorld(limits=Limits(Buckets("principal", 1, lambda: now))), 0.0
    assert (await world.post("customer 1", lists(6))).status_code == 200
    refused = await world.post("customer 1", lists(6))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert refused.headers.get_list("RateLimit") == ['"principal";r=0;t=10']
    now = 10.0
    assert (await world.post("customer 1", lists(40))).status_code == 200, "more than ever are left: all of them"


@pytest.mark.parametrize("last, code", [("__typename", "too_costly"), ("...nothing", "invalid")])
async def test_a_fragment_is_looked_at_once_however_often_it_is_said(last: str, code: str) -> None:
    """The document that takes the limiters of the library seconds; what costs nothing is walked through no more."""
    chain = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(18))
    world, began = GraphWorld(), time.thread_time()
    answer = await world.post("customer 1", f"{{ ...f0 }} {chain} fragment f18 on Query {{ {last} }}")
    assert (answer.status_code, _codes(answer.json())) == (400, {code})
    assert time.thread_time() - began < BOUND


async def test_a_fragment_that_leads_to_itself_is_refused_before_anything_follows_it() -> None:
    document = "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }"
    (error,) = (await GraphWorld().post(None, document)).json()["errors"]
    assert error["message"] == "fragment f leads to itself"


@pytest.mark.parametrize("first", ["$n", "40"])
async def test_a_page_counts_as_many_as_are_asked_for(first: str) -> None:
    world = GraphWorld()
    fields = " ".join(f"a{n}: ticket {{ id }}" for n in range(10))
    document = (
        f"query($n: Int) {{ bookings(first: {first}) {{ ... on BookingConnection {{ nodes {{ {fields} }} }} }} }}"
    )
    document = document.replace("($n: Int)", "($n: Int)" if first == "$n" else "")
    assert (await world.post("customer 1", document, n=40)).status_code == 200
    more = document.replace("40", "50")
    assert (await world.post("customer 1", more, n=50)).status_code == 400
    assert MOST_COSTLY < 10 + 50 * 10 * 11


@pytest.mark.parametrize(
    "default, said, costly",
    [
        ("", {}, False),
        ("= 40", {}, False),
        ("= 50", {}, True),
        ("= 1000", {"n": 40}, False),
        ("= 1", {"n": 50}, True),
        ("= 1", {"n": None}, True),
        ("= [1]", {}, True),
        ("= 99999999", {}, True),
    ],
)
async def test_a_default_counts_unless_something_is_said(default: str, said: Any, costly: bool) -> None:
    fields = " ".join(f"a{n}: ticket {{ id }}" for n in range(10))
    document = (
        f"query($n: Int {default}) {{ bookings(first: $n) {{ ... on BookingConnection {{ nodes {{ {fields} }} }} }} }}"
    )
    answer = await GraphWorld().post("customer 1", document, **said)
    assert (answer.status_code, _codes(answer.json())) == ((400, {"too_costly"}) if costly else (200, set()))


async def test_only_post_is_answered() -> None:
    world = GraphWorld()
    for method in ("GET", "PUT", "DELETE"):
        answer = await world.ask("customer 1", method, "/graphql?query={__typename}")
        assert answer.status_code == 405
    plain = await world.ask(None, "POST", "/graphql", content=b"{ __typename }", headers={"Content-Type": "text/plain"})
    assert plain.status_code == 415
    assert (await world.ask(None, "POST", "/graphql", content=b" " * 70_000)).status_code == 413


async def test_the_schema_is_shown_in_development_only() -> None:
    closed, opened = GraphWorld(), GraphWorld(open=True)
    for document in (get_introspection_query(), "{ _service { sdl } }"):
        assert (await closed.post("admin", document)).status_code == 400
        assert (await opened.post("admin", document)).status_code == 200
    for world, guessed in ((closed, False), (opened, True)):
        said = (await world.post(None, "{ ticketz { __typename } }")).json()["errors"][0]["message"]
        assert ("Did you mean" in said) is guessed


async def test_a_persisted_operation_is_named_by_its_hash() -> None:
    document = "query named($id: Long!) { ticket(id: $id) { ... on Ticket { price } } }"
    hashed = hashlib.sha256(document.encode()).hexdigest()
    operations = read_operations(f'{{"{hashed}": "{document}"}}')
    for closed in (False, True):
        world = GraphWorld(operations=operations, closed=closed)
        await world.ticket()
        named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashed}}, "variables": {"id": 1}}
        answer = await world.ask(None, "POST", "/graphql", named)
        assert answer.json() == {"data": {"ticket": {"price": 15000}}}
        other = await world.post(None, "{ __typename }")
        assert other.status_code == (400 if closed else 200)
        unknown = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
        assert _codes((await world.ask(None, "POST", "/graphql", unknown)).json()) == {"persisted_query_not_found"}


@pytest.mark.parametrize("text", ["", "[]", '{"ab": "{ __typename }"}', '{"ab": 1}'])
def test_a_file_of_operations_has_to_be_one(text: str) -> None:
    with pytest.raises(Invalid):
        read_operations(text)


def _codes(body: Any) -> set[str]:
    errors: Sequence[Any] = body.get("errors", ())
    return {error["extensions"]["code"] for error in errors}


async def test_a_field_that_fails_says_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    world = GraphWorld()

    async def broken(*_: Any) -> Any:
        raise RuntimeError("a secret")

    monkeypatch.setattr(type(world.tickets), "search", broken)
    asked = {"query": "{ tickets { __typename } sale(ticketId: 1) { __typename } }"}
    answer = await world.ask(None, "POST", "/graphql", asked, headers={"X-Correlation-Id": "mine"})
    assert answer.json()["data"] == {"tickets": None, "sale": {"__typename": "NotFound"}}
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "internal", "correlationId": "mine"}
    assert "secret" not in answer.text


@pytest.mark.parametrize("kind", ["[1]", "{a: 1}", "1", "null", '"Nothing"'])
async def test_a_representation_of_no_kind_is_told_what_it_may_be(kind: str) -> None:
    answer = await GraphWorld().post(
        None, f"{{ _entities(representations: [{{__typename: {kind}, id: 1}}]) {{ __typename }} }}"
    )
    (error,) = answer.json()["errors"]
    assert error["message"].startswith("a representation has a __typename of ")
