"""Malformed input: always a 4xx that names what is wrong, and nothing is stored."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from adapters.rest.call import Call
from myticket_core.errors import Invalid
from myticket_core.strict_json import _once
from tests.services.rest_world import World, quiet

JSON = {"Content-Type": "application/json"}


async def _post(content: bytes, path: str = "/tickets", who: str = "organizer 1", **headers: str) -> Any:
    world = quiet()
    answer = await world.ask(who, "POST", path, content=content, headers={**JSON, **headers})
    assert not any(db.tickets or db.bookings or db.payments for db in world.dbs.values())
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"{",
        b'{"price":',
        b"nonsense",
        b"NaN",
        b'{"price": NaN}',
        b'{"price": Infinity}',
        b'{"price": 1, "price": 2}',
        b'{"price": 1, "more": {"a": 1, "a": 2}}',
        b'{"price": 1}x',
        b'\xef\xbb\xbf{"price": 1}',
        b'{"name": "\xff"}',
        b'{"name": "a\x00b"}',
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b'{"price":' + b"9" * 5000 + b"}",
        b"[]",
        b"null",
        b'"price"',
        b"1",
    ],
    ids=range(21),
)
async def test_what_is_no_json_object_is_refused(content: bytes) -> None:
    answer = await _post(content)
    assert (answer.status_code, answer.json()["code"], answer.json()["member"]) == (400, "invalid", "body")


@pytest.mark.parametrize("first", [b"", b'{"price": 1}'], ids=["nothing", "what could be all of it"])
async def test_a_body_that_is_cut_off_is_none(first: bytes) -> None:
    messages = iter([{"type": "http.request", "body": first, "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    with pytest.raises(Invalid, match="cut off"):
        await Call({"headers": []}, receive, "1").whole()


async def test_what_is_wrong_with_json_is_said_in_words_for_its_sender() -> None:
    answer = await _post(b'{"price":' + b"9" * 5000 + b"}")
    assert "(a number has too many digits)" in answer.json()["detail"], "not how Python could be set"
    answer = await _post(b'{"price": 1, "startDate": "2026-12-24", "endDate": "2026-12-23"}')
    assert answer.json()["member"] == "endDate"
    assert answer.json()["allowed"] == "not before it begins, 2026-12-24T00:00:00.000+0000"


@pytest.mark.parametrize(
    "sent, reason",
    [
        (b'{"price":', "Expecting value, character 10"),
        (b'{"price": 1, "name": "a", "price": 2}', "price stands there twice"),
        (b'{"more": {"a": 1, "b": 2, "b": 3}, "price": 1}', "b stands there twice"),
        (b'{"name": "a\tb"}', "Invalid control character, character 12"),
        (b'{"name": "\xff"}', "byte 11 is not UTF-8"),
        (b'{"price": NaN}', "NaN is not a JSON number"),
        (b"[" * 30_000, "nested too deeply"),
        (b'{"price": 1' + b" " * 1000, "Expecting ',' delimiter, character 1012"),
    ],
)
async def test_of_what_is_no_json_the_beginning_is_shown_and_the_reason_told(sent: bytes, reason: str) -> None:
    told = (await _post(sent)).json()
    assert told["value"] == sent[:100].decode("utf-8", "backslashreplace")
    assert told["detail"].endswith(f"; allowed: a JSON object in UTF-8, no member twice ({reason})")
    assert told["allowed"] == "a JSON object in UTF-8, no member twice"


def test_what_stands_there_twice_is_found_in_linear_time() -> None:
    compared = 0

    class Name(str):
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)  # type: ignore[no-any-return]

    names = [*map(str, range(1_000)), "999"]
    with pytest.raises(ValueError, match="999 stands there twice"):
        _once([(Name(name), None) for name in names])
    assert compared < 10 * len(names)


@pytest.mark.parametrize(
    "value",
    [
        b"-1",
        b"1.9",
        b"true",
        b'"1.9"',
        b'"abc"',
        b'"-1"',
        b'""',
        b'" 1"',
        '"١"'.encode(),
        b"9007199254740992",
        b'"9007199254740992"',
        b"1e400",
        b"-1e400",
        b"1e16",
        b"9" * 400,
        b"[1]",
        b'{"a": 1}',
        b"[" * 900 + b"]" * 900,
        b"null",
        b'"\\ud800"',
        b'"' + b"1" * 60_000 + b'"',
    ],
    ids=range(21),
)
async def test_what_is_no_price_is_refused_by_name(value: bytes) -> None:
    answer = await _post(b'{"price":' + value + b"}")
    assert (answer.status_code, answer.json()["code"], answer.json()["member"]) == (400, "invalid", "price")
    assert len(answer.content) < 2000


@pytest.mark.parametrize("value", [b'"15000"', b"15000", b"15000.0", b"1.5e4", b'"0000000000015000"'])
async def test_whole_numbers_are_read_as_they_come(value: bytes) -> None:
    answer = await World().ask("organizer 1", "POST", "/tickets", content=b'{"price":' + value + b"}", headers=JSON)
    assert answer.json()["price"] == 15000


@pytest.mark.parametrize(
    "path, who, body, member",
    [
        ("/tickets", "organizer 1", {"price": 1, "name": 5}, "name"),
        ("/tickets", "organizer 1", {"price": 1, "name": "a" * 201}, "name"),
        ("/tickets", "organizer 1", {"price": 1, "name": "a\u0000"}, "name"),
        ("/tickets", "organizer 1", {"price": 1, "name": "\ud800"}, "name"),
        ("/tickets", "organizer 1", {"price": 1, "capacity": -1}, "capacity"),
        ("/tickets", "organizer 1", {"price": 1, "startDate": "soon"}, "startDate"),
        ("/tickets", "organizer 1", {"price": 1, "startDate": True}, "startDate"),
        ("/tickets", "organizer 1", {"price": 1, "startDate": [1]}, "startDate"),
        ("/tickets", "organizer 1", {"price": 1, "startDate": 10**18}, "startDate"),
        ("/tickets", "organizer 1", {"price": 1, "startDate": "0001-01-01T00:00:00+0900"}, "startDate"),
        ("/tickets", "organizer 1", {"price": 1, "startDate": "2027-01-02", "endDate": "2027-01-01"}, "endDate"),
        ("/tickets", "organizer 1", {"price": 1, "companyId": 0}, "companyId"),
        ("/books", "customer 1", {}, "ticketId"),
        ("/books", "customer 1", {"ticketId": 0}, "ticketId"),
        ("/books", "customer 1", {"ticketId": 1, "price": -1}, "price"),
        ("/books", "customer 1", {"ticketId": 1, "companyId": "x"}, "companyId"),
        ("/books", "customer 1", {"ticketId": 1, "paymentMethod": "a" * 101}, "paymentMethod"),
        ("/books", "customer 1", {"ticketId": 1, "startDate": "2027-01-02", "endDate": "2027-01-01"}, "endDate"),
        ("/payments", "service", {"bookId": 1, "price": 1, "ticketId": 0}, "ticketId"),
    ],
    ids=range(19),
)
async def test_what_is_wrong_is_named(path: str, who: str, body: Any, member: str) -> None:
    import json

    answer = await _post(json.dumps(body).encode(), path, who)
    assert (answer.status_code, answer.json()["code"], answer.json()["member"]) == (400, "invalid", member)
    assert answer.json()["detail"].startswith(f"{member} is ")
    assert answer.json()["message"] == answer.json()["detail"]


async def test_the_largest_id_there_can_be_is_one() -> None:
    answer = await quiet().ask("admin", "GET", f"/tickets/{2**53 - 1}")
    assert answer.status_code == 404


@pytest.mark.parametrize("id", ["0", "-1", "abc", "1.0", "9007199254740992", "9" * 100, "%00", "%FF", "1%2F2"])
@pytest.mark.parametrize("path", ["/tickets/{}", "/books/{}", "/payments/{}", "/mypages/{}", "/notifications/{}"])
async def test_an_id_in_the_path_that_is_none(path: str, id: str) -> None:
    answer = await quiet().ask("admin", "GET", path.format(id))
    assert answer.status_code in (400, 404)
    assert answer.json()["code"] in ("invalid", "not_found")


async def test_unknown_members_are_ignored() -> None:
    answer = await World().ask("organizer 1", "POST", "/tickets", {"price": 1, "id": 77, "status": "X", "zzz": {}})
    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (201, 1, "ON_SALE")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_beyond_64_kib_is_413(chunked: bool) -> None:
    async def pieces() -> Any:
        for _ in range(65):
            yield b" " * 1024

    content: Any = pieces() if chunked else b" " * (64 * 1024 + 1)
    answer = await _post(content)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_body_of_64_kib_is_read() -> None:
    content = b'{"price": 1}'.ljust(64 * 1024)
    answer = await World().ask("organizer 1", "POST", "/tickets", content=content, headers=JSON)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json-patch+json",
     "application/json;charset=latin-1", "application/json, application/json", "json"],
)  # fmt: skip
async def test_only_json_is_read(content_type: str) -> None:
    answer = await _post(b'{"price": 1}', **{"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip"])
async def test_what_is_compressed_is_not_read(encoding: str) -> None:
    answer = await _post(gzip.compress(b'{"price": 1}'), **{"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.headers["Accept-Encoding"] == "identity"
    plain = {**JSON, "Content-Encoding": "identity"}
    assert (await World().ask("organizer 1", "POST", "/tickets", content=b'{"price": 1}', headers=plain)).is_success


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON; charset=UTF-8", 'application/hal+json;charset="utf-8"']
)
async def test_json_under_its_names_is_read(content_type: str) -> None:
    headers = {"Content-Type": content_type}
    answer = await World().ask("organizer 1", "POST", "/tickets", content=b'{"price": 1}', headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "accept, media",
    [
        (None, "application/hal+json"),
        ("*/*", "application/hal+json"),
        ("application/*", "application/hal+json"),
        ("application/hal+json", "application/hal+json"),
        ("application/json", "application/json"),
        ("application/json, */*;q=0.5", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html, application/hal+json;q=0.1, application/json;q=0.2", "application/json"),
        ("application/json;q=0, */*", "application/hal+json"),
        ("APPLICATION/JSON", "application/json"),
        ("text/plain," * 49 + "application/json", "application/json"),
    ],
)
async def test_which_json_is_answered(accept: str | None, media: str) -> None:
    world = World()
    world.client.headers.pop("accept")
    answer = await world.ask(None, "GET", "/tickets", headers={} if accept is None else {"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{media};charset=UTF-8")


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/xml", "application/problem+json", "application/json;q=0", "*/*;q=0", ";;;", ",", "q=1",
     "application/json;q=nan", "application/json;q=2", "text/plain," * 50 + "application/json"],
)  # fmt: skip
async def test_what_cannot_be_answered_is_406_and_does_nothing(accept: str) -> None:
    answer = await _post(b'{"price": 1}', Accept=accept)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize("asked", ["", "a b", "a" * 65, "ä", "a,b"])
async def test_a_wrong_correlation_id_is_refused_and_another_one_made(asked: str) -> None:
    headers: Any = {"X-Correlation-Id": asked.encode("latin-1")}
    answer = await quiet().ask("customer 1", "GET", "/books", headers=headers)
    assert (answer.status_code, answer.json()["member"]) == (400, "X-Correlation-Id")
    assert answer.headers["X-Correlation-Id"] == answer.json()["correlationId"] != asked
