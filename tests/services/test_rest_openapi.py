"""The description is true: its examples are what is answered, its references lead somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from adapters.rest.media import shown
from adapters.rest.problems import TITLES
from myticket_core.access import ANYONE, Action
from tests.services.rest_world import URL, World, quiet


@cache
def document() -> Any:
    return World().app.description.document


def operations() -> list[tuple[str, str, Any]]:
    return [(method, path, said) for path, methods in document()["paths"].items() for method, said in methods.items()]


def resolved(node: Any) -> Any:
    """With its reference followed."""
    while isinstance(node, dict) and "$ref" in node:
        target = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def validator(schema: Any) -> jsonschema_rs.Draft202012Validator:
    """With the components beside it, so that its references resolve."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": document()["components"]})


def _walk(node: Any) -> Iterator[Any]:
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _walk(child)


async def test_it_is_served_as_json_and_as_a_page_that_loads_nothing() -> None:
    world = World()
    for path in ("/schema", "/schema/openapi.json"):
        answer = await world.ask(None, "GET", path)
        assert answer.json() == json.loads(json.dumps(document()))
        assert answer.json()["openapi"] == "3.1.0"
    page = await world.ask(None, "GET", "/schema", headers={"Accept": "text/html,*/*"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"(src|href)=.?(https?:)?//", page.text)
    assert "/guestManagementPages/{ticketId}/bookings" in page.text


@pytest.mark.parametrize("accept", ["TEXT/HTML", "text/html5", "text/html;q=0, */*", "*/*"])
async def test_who_opens_it_with_a_browser_is_told_as_elsewhere(accept: str) -> None:
    answer = await quiet().ask(None, "GET", "/schema", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("text/html") == shown(accept)


def test_every_reference_leads_somewhere() -> None:
    references = [node for node in _walk(document()) if isinstance(node, dict) and "$ref" in node]
    assert len(references) > 100
    for node in references:
        resolved(node)


def test_every_action_of_the_policy_has_an_operation_and_every_operation_an_id_of_its_own() -> None:
    ids = [said["operationId"] for _, _, said in operations()]
    assert len(set(ids)) == len(ids)
    told = {re.match(r"Policy: (\S+),", said.get("description", "")) for _, _, said in operations()}
    assert {match.group(1) for match in told if match} == {action.value for action in Action}


@pytest.mark.parametrize("method, path, said", operations(), ids=lambda it: it if isinstance(it, str) else "")
def test_examples_are_what_the_schemas_say(method: str, path: str, said: Any) -> None:
    bodies = [*said["responses"].values(), said.get("requestBody", {})]
    for body in map(resolved, bodies):
        for content in body.get("content", {}).values():
            examples = [resolved(it)["value"] for it in content.get("examples", {}).values()]
            for example in [*examples, *([content["example"]] if "example" in content else [])]:
                validator(content["schema"]).validate(example)


@pytest.mark.parametrize("method, path, said", operations(), ids=lambda it: it if isinstance(it, str) else "")
def test_every_guarded_operation_tells_its_parameters_and_problems(method: str, path: str, said: Any) -> None:
    if "Policy" not in said.get("description", ""):
        return
    names = {resolved(parameter)["name"] for parameter in said["parameters"]}
    assert "X-Correlation-Id" in names
    assert ("Idempotency-Key" in names) == (method == "post")
    assert set(re.findall(r"{(\w+)}", path)) <= names
    assert {"400", "401", "503"} <= said["responses"].keys()
    public = any(action.value in said["description"].split(",")[0].split() for action in ANYONE)
    assert said["security"] == ([] if public else [{"token": []}])
    assert ("403" in said["responses"]) == (not public)


WHO = {"anyone": "admin", "customer": "customer 1", "organizer": "organizer 1", "admin": "admin", "service": "service"}


@pytest.mark.parametrize(
    "method, path, said", [it for it in operations() if "{" in it[1]], ids=lambda it: it if isinstance(it, str) else ""
)
async def test_a_parameter_of_the_path_is_of_the_type_that_is_told(method: str, path: str, said: Any) -> None:
    """A word is refused by name where a number is told, and looked for where one is."""
    roles = re.findall(r"\w+", said["description"].partition(", for ")[2].partition(".")[0])
    content = said.get("requestBody", {}).get("content", {"application/json": {}})["application/json"]
    for parameter in [it for it in said["parameters"] if it.get("in") == "path"]:
        name, number = parameter["name"], parameter["schema"].get("type") == "integer"
        there = re.sub(r"{\w+}", "1", path.replace(f"{{{name}}}", "elsewhere"))
        answer = await quiet().ask(WHO[roles[0]], method.upper(), there, content.get("example"))
        refused = (400, name) if number else (404, None)
        assert (answer.status_code, answer.json().get("member")) == refused, answer.text


def test_every_problem_there_is_has_an_example() -> None:
    assert document()["components"]["examples"].keys() == TITLES.keys()


async def test_real_answers_are_what_the_description_says() -> None:
    """One walk through the scenario; each answer is checked against its operation's schema."""
    world = World()
    calls: list[tuple[str, str, str, Any]] = [
        ("organizer 1", "POST", "/tickets", {"price": 1, "name": "a", "capacity": 2}),
        ("organizer 1", "PUT", "/tickets/{id}", {"price": 2}),
        ("organizer 1", "PATCH", "/tickets/{id}", {"capacity": 2}),
        ("customer 1", "GET", "/tickets", None),
        ("customer 1", "GET", "/tickets/{id}", None),
        ("customer 1", "POST", "/books", {"ticketId": 1}),
        ("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "late"}),
        ("customer 1", "POST", "/books", {"ticketId": 1}),
        ("customer 1", "POST", "/books", {"ticketId": 0}),
        ("customer 1", "POST", "/books/{id}/payment", None),
        ("customer 1", "GET", "/books", None),
        ("customer 1", "GET", "/books/{id}", None),
        ("customer 1", "GET", "/sales/{ticketId}", None),
        ("service", "POST", "/payments", {"bookId": 9, "price": 1}),
        ("service", "POST", "/payments", {"bookId": 9, "price": 1}),
        ("service", "POST", "/payments", {"bookId": 8, "price": 1, "paymentMethod": "declined"}),
        ("admin", "GET", "/payments", None),
        ("admin", "GET", "/payments/{id}", None),
        ("admin", "GET", "/payments/search", None),
        ("admin", "GET", "/payments/search/findByBookId", None),
        ("customer 1", "GET", "/notifications", None),
        ("customer 1", "GET", "/mypages", None),
        ("customer 1", "GET", "/customerManagementPages/{id}", None),
        ("organizer 1", "GET", "/guestManagementPages", None),
        ("organizer 1", "GET", "/guestManagementPages/{ticketId}", None),
        ("organizer 1", "GET", "/guestManagementPages/{ticketId}/bookings", None),
        ("organizer 1", "GET", "/guestManagementPages/{ticketId}/days", None),
        ("customer 1", "DELETE", "/books/{id}", None),
        ("organizer 1", "DELETE", "/tickets/{id}", None),
        ("customer 1", "GET", "/tickets/{id}", None),
        ("customer 1", "GET", "/actuator/health", None),
        ("customer 1", "GET", "/.well-known/jwks.json", None),
    ]
    seen = set()
    for who, method, path, body in calls:
        answer = await world.ask(who, method, re.sub(r"{\w+}", "1", path), body)
        said = resolved(document()["paths"][path][method.lower()]["responses"][str(answer.status_code)])
        seen.add(answer.status_code)
        if answer.content:
            media = answer.headers["Content-Type"].partition(";")[0]
            validator(said["content"][media]["schema"]).validate(answer.json())
        await world.settle()
    assert seen == {200, 201, 202, 204, 400, 402, 404, 409}


def test_servers_are_the_public_url() -> None:
    assert document()["servers"] == [{"url": URL}]


PROBLEMS: list[tuple[str, str, str, Any, int]] = [
    ("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "declined"}, 402),
    ("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "unavailable"}, 503),
    ("customer 1", "POST", "/books/{id=2}/payment", {"paymentMethod": "unavailable"}, 503),
    ("customer 1", "POST", "/books/{id=2}/payment", {"paymentMethod": "declined"}, 402),
    ("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "unavailable"}, 503),
    ("customer 1", "DELETE", "/books/{id=3}", None, 204),
    ("customer 1", "POST", "/books/{id=3}/payment", None, 410),
    ("customer 1", "POST", "/books", {"ticketId": 1, "price": 1}, 409),
    ("customer 1", "POST", "/books", {"ticketId": 1}, 201),
    ("customer 1", "DELETE", "/books/{id=4}?fee=0", None, 409),
    ("customer 1", "PUT", "/sales/{ticketId=1}/waiting", {}, 409),
    ("organizer 1", "POST", "/books/{id=4}/checkin", None, 200),
    ("organizer 1", "POST", "/books/{id=4}/checkin", None, 409),
    ("service", "POST", "/payments", {"bookId": 8, "price": 1, "paymentMethod": "declined"}, 402),
    ("service", "POST", "/payments", {"bookId": 9, "price": 1, "paymentMethod": "late"}, 504),
    ("service", "POST", "/payments", {"bookId": 4, "price": 1}, 409),
    ("organizer 1", "DELETE", "/tickets/{id=1}", None, 412),
]


async def test_problems_have_no_member_and_no_header_that_is_not_described() -> None:
    world = World()
    await world.ticket(cancelFeePercent=10, capacity=9)
    for who, method, path, body, status in PROBLEMS:
        told = re.sub(r"{(\w+)=\d+}", r"{\1}", path).partition("?")[0]
        headers = {"If-Match": '"nope"'} if status == 412 else {}
        answer = await world.ask(who, method, re.sub(r"{\w+=(\d+)}", r"\1", path), body, headers=headers)
        assert answer.status_code == status, (path, answer.text)
        said = resolved(document()["paths"][told][method.lower()]["responses"][str(status)])
        described = {"content-type", "content-length", *(name.lower() for name in said["headers"])}
        assert set(answer.headers) <= described, (path, answer.headers)
        if status > 400:
            validator(said["content"]["application/problem+json"]["schema"]).validate(answer.json())
            assert answer.json().keys() <= resolved({"$ref": "#/components/schemas/Problem"})["properties"].keys()


@pytest.mark.parametrize("asked", ["축제 Café №5 — «Ночь»", "100 %", "夜!", "नृत्य"])
async def test_what_may_be_searched_for_is_what_is_told(asked: str) -> None:
    (told,) = [it for it in document()["paths"]["/tickets"]["get"]["parameters"] if it.get("name") == "text"]
    validator(told["schema"]).validate(asked)
    assert (await quiet().ask(None, "GET", "/tickets", params={"text": asked})).status_code == 200


@pytest.mark.parametrize("path", ["/mypages/stream", "/guestManagementPages/stream"])
async def test_a_stream_is_answered_whatever_is_accepted_and_says_so(path: str) -> None:
    assert "406" not in document()["paths"][path]["get"]["responses"]
    answer = await quiet().ask("admin", "GET", path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
