"""What a service says of itself, and how it says that something is wrong."""

from __future__ import annotations

import asyncio

import attrs
import pytest
import structlog
from litestar.testing import AsyncTestClient
from prometheus_client import Gauge

from adapters.rest import Probes, TicketApi, create_app
from myticket_core.errors import Forbidden, InDoubt, Invalid, MyticketError, NotFound, Rejected, Unavailable
from tests.services.rest_world import URL, World


class Down:
    async def ping(self) -> None:
        raise Unavailable("no")


class Hanging:
    async def ping(self) -> None:
        await asyncio.Event().wait()


async def test_health_is_that_of_the_originals() -> None:
    answer = await World().ask(None, "GET", "/actuator/health", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()) == (200, {"status": "UP"})
    assert answer.headers["Content-Type"] == "application/vnd.spring-boot.actuator.v2+json;charset=UTF-8"


async def test_ready_as_long_as_the_stores_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await World().ask(None, "GET", "/readyz")).status_code == 200
    monkeypatch.setattr("adapters.rest.probes._PATIENCE", 0.01)
    answer = await World(probes=Probes(ready=[Down(), Hanging()])).ask(None, "GET", "/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "DOWN", "reasons": ["Down: Unavailable", "Hanging: TimeoutError"]}


async def test_alive_unless_something_hangs() -> None:
    stalled = list[str]()
    world = World(probes=Probes(ready=[Down()], stalled=lambda: stalled))
    assert (await world.ask(None, "GET", "/livez")).status_code == 200
    stalled.append("relay")
    answer = await world.ask(None, "GET", "/livez")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["relay does not move"])


async def test_draining_is_not_ready_and_closes_connections_after_their_answer() -> None:
    world = World()
    assert "Connection" not in (await world.ask(None, "GET", "/tickets")).headers
    world.probes.drain()
    assert (await world.ask(None, "GET", "/readyz")).json() == {"status": "DOWN", "reasons": ["draining"]}
    answer = await world.ask(None, "GET", "/tickets")
    assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
    assert (await world.ask(None, "GET", "/livez")).status_code == 200


async def test_figures_by_route_and_whatever_else_is_registered() -> None:
    world = World()
    Gauge("myticket_lag", "…", registry=world.probes.metrics.registry).set(7)
    await world.ask(None, "GET", "/tickets/5")
    await world.ask(None, "GET", "/no/such/path")
    await world.ask(None, "BREW", "/tickets")
    figures = (await world.ask(None, "GET", "/metrics")).text
    for line in (
        'myticket_http_request_seconds_count{method="GET",route="/tickets/{id}",status="404"} 1.0',
        'myticket_http_request_seconds_count{method="GET",route="unmatched",status="404"} 1.0',
        'myticket_http_request_seconds_count{method="other",route="unmatched",status="405"} 1.0',
        "myticket_lag 7.0",
    ):
        assert line in figures


async def test_an_unknown_path_is_a_problem_with_the_members_of_the_originals() -> None:
    answer = await World().ask(None, "GET", "/nothing", headers={"X-Correlation-Id": "c-1", "Accept": "text/html"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "urn:myticket:problem:not_found",
        "title": "There is no such thing, or it is not yours",
        "status": 404,
        "detail": "Not Found",
        "instance": "/nothing",
        "code": "not_found",
        "timestamp": "2026-11-22T16:09:00.000+0000",
        "path": "/nothing",
        "error": "Not Found",
        "message": "Not Found",
        "correlationId": "c-1",
    }
    assert answer.headers["X-Correlation-Id"] == "c-1"


async def test_a_method_that_is_not_there_says_which_are() -> None:
    world = World()
    answer = await world.ask("admin", "DELETE", "/tickets")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    options = await world.ask(None, "OPTIONS", "/tickets/1")
    assert (options.status_code, options.headers["Allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")


async def test_head_is_get_without_the_body() -> None:
    world = World()
    await world.ticket()
    get, head = [await world.ask(None, method, "/tickets/1") for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(get.content))
    assert (await world.ask(None, "HEAD", "/tickets/2")).status_code == 404


async def test_links_never_follow_the_callers_host() -> None:
    world = World()
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path in ("/tickets", "/schema"):
        assert b"evil.example" not in (await world.ask(None, "GET", path, headers=headers)).content


async def test_one_api_is_a_service_of_its_own() -> None:
    world = World()
    tickets = next(api for api in world.apis() if isinstance(api, TicketApi))
    app = create_app(tickets, tokens=world.tokens, ids=world.ids, clock=world.clock, public_url=URL + "/")
    async with AsyncTestClient(app) as client:
        assert (await client.get("/tickets")).json()["_links"]["self"]["href"].startswith(f"{URL}/tickets")
        assert (await client.get("/books")).status_code == 404
        assert (await client.get("/readyz")).status_code == 200


def _raising(error: Exception) -> World:
    async def search(*_: object) -> None:
        raise error

    world = World()
    tickets = next(api for api in world.apis() if isinstance(api, TicketApi))
    broken = attrs.evolve(tickets, search=search)  # type: ignore[arg-type]
    world.app = create_app(broken, tokens=world.tokens, ids=world.ids, clock=world.clock, public_url=URL)
    world.client = type(world.client)(transport=type(world.client._transport)(world.app), base_url=URL)  # type: ignore[call-arg]
    return world


async def test_the_unforeseen_is_a_500_that_says_nothing_and_is_logged_once_with_its_traceback() -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = await _raising(KeyError("secret")).ask(None, "GET", "/tickets", headers={"X-Correlation-Id": "c-9"})
    assert (answer.status_code, answer.json()["code"], answer.json()["correlationId"]) == (500, "internal", "c-9")
    assert answer.headers["X-Correlation-Id"] == "c-9"
    assert "secret" not in answer.text
    (entry,) = logs
    assert (entry["log_level"], entry["correlation_id"], entry["path"]) == ("error", "c-9", "/tickets")
    assert isinstance(entry["exc_info"], KeyError)


@pytest.mark.parametrize("error", [Unavailable("postgresql://db-7/book is away"), InDoubt("db-7 did not say")])
async def test_what_does_not_answer_us_is_told_to_the_log_and_to_nobody_else(error: MyticketError) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = await _raising(error).ask(None, "GET", "/tickets", headers={"X-Correlation-Id": "c-9"})
    assert "db-7" not in answer.text
    assert [(it["log_level"], it["correlation_id"], it["why"]) for it in logs] == [("warning", "c-9", str(error))]


@pytest.mark.parametrize(
    "error, status, code",
    [
        (Invalid("end_date", 5, "more"), 400, "invalid"),
        (Rejected("sold_out", "gone", remaining=0), 409, "sold_out"),
        (Rejected("a code nobody mapped", "…"), 500, "internal"),
        (NotFound("ticket", 5), 404, "not_found"),
        (Forbidden("no"), 403, "forbidden"),
        (Unavailable("down"), 503, "unavailable"),
        (InDoubt("who knows"), 504, "in_doubt"),
        (MyticketError("another"), 500, "internal"),
    ],
    ids=str,
)
async def test_each_error_of_the_core_has_its_answer(error: Exception, status: int, code: str) -> None:
    with structlog.testing.capture_logs():
        answer = await _raising(error).ask(None, "GET", "/tickets")
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)


async def test_facts_are_named_as_on_the_wire() -> None:
    answer = await _raising(Invalid("starts", 5, "more")).ask(None, "GET", "/tickets")
    assert (answer.json()["member"], answer.json()["value"]) == ("startDate", 5)
    answer = await _raising(Rejected("closed", "over", ticket_id=3)).ask(None, "GET", "/tickets")
    assert answer.json()["ticketId"] == 3


def test_what_litestar_learns_of_how_operations_are_asked_it_learns_once() -> None:
    """It would be half of the time in which a service starts."""
    handlers = [handler for route in World().app.routes for handler in route.route_handlers]  # type: ignore[attr-defined]
    assert len(handlers) > 100
    assert len({handler.signature_model for handler in handlers}) == 1
