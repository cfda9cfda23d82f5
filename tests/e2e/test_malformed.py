"""Whatever is thrown at it: no 5xx, nothing slow, nothing stored, and an answer that says what was wrong."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.e2e.system import System

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = "application/json"
TICKET, BOOK = "/tickets", "/books"

BODIES: list[tuple[str, str, bytes, str | None]] = [
    # path, content type, body, the member that the answer has to name (None: the body as a whole)
    (TICKET, JSON, b"", None),
    (TICKET, JSON, b"{", None),
    (TICKET, JSON, b"null", None),
    (TICKET, JSON, b"[]", None),
    (TICKET, JSON, b'"x"', None),
    (TICKET, JSON, b"[" * 50_000, None),
    (TICKET, JSON, b'{"a":' * 10_000, None),
    (TICKET, JSON, b'\xff\xfe{"price":1}', None),
    (TICKET, JSON, b'{"price":"\xc3\x28"}', None),
    (TICKET, JSON, b"{}", "price"),
    (TICKET, JSON, b'{"price":-1}', "price"),
    (TICKET, JSON, b'{"price":1.9}', "price"),
    (TICKET, JSON, b'{"price":"1.9"}', "price"),
    (TICKET, JSON, b'{"price":true}', "price"),
    (TICKET, JSON, b'{"price":null}', "price"),
    (TICKET, JSON, b'{"price":[1]}', "price"),
    (TICKET, JSON, b'{"price":{"a":1}}', "price"),
    (TICKET, JSON, b'{"price":9007199254740992}', "price"),
    (TICKET, JSON, b'{"price":' + b"9" * 4000 + b"}", "price"),
    (TICKET, JSON, b'{"price":"' + b"9" * 4000 + b'"}', "price"),
    (TICKET, JSON, b'{"price":1e400}', "price"),
    (TICKET, JSON, b'{"price":NaN}', None),
    (TICKET, JSON, b'{"price":1,"capacity":-1}', "capacity"),
    (TICKET, JSON, b'{"price":1,"capacity":"many"}', "capacity"),
    (TICKET, JSON, b'{"price":1,"name":7}', "name"),
    (TICKET, JSON, b'{"price":1,"name":"a\\u0000b"}', "name"),
    (TICKET, JSON, b'{"price":1,"name":"' + b"x" * 201 + b'"}', "name"),
    (TICKET, JSON, b'{"price":1,"name":"\\ud800"}', None),
    (TICKET, JSON, b'{"price":1,"startDate":"tomorrow"}', "startDate"),
    (TICKET, JSON, b'{"price":1,"startDate":"9999-12-31T23:59:59-1200"}', "startDate"),
    (TICKET, JSON, b'{"price":1,"startDate":99999999999999999999}', "startDate"),
    (TICKET, JSON, b'{"price":1,"startDate":"2026-01-02","endDate":"2026-01-01"}', "endDate"),
    (TICKET, JSON, b'{"price":1,"companyId":0}', "companyId"),
    (TICKET, JSON, b'{"price":1,"companyId":2}', "companyId"),
    (TICKET, "application/xml", b"<ticket/>", None),
    (TICKET, "text/plain", b'{"price":1}', None),
    (TICKET, "multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="price"\r\n\r\n1', None),
    (TICKET, JSON, b'{"price":1,"name":"' + b"x" * 500_000 + b'"}', None),
    (BOOK, JSON, b"{}", "ticketId"),
    (BOOK, JSON, b'{"ticketId":0}', "ticketId"),
    (BOOK, JSON, b'{"ticketId":-5}', "ticketId"),
    (BOOK, JSON, b'{"ticketId":"one"}', "ticketId"),
    (BOOK, JSON, b'{"ticketId":1,"customerId":2}', "customerId"),
    (BOOK, JSON, b'{"ticketId":1,"price":-1}', "price"),
    (BOOK, JSON, b'{"ticketId":1,"endDate":{}}', "endDate"),
    (BOOK, JSON, b'{"ticketId":1,"paymentMethod":5}', "paymentMethod"),
]

PATHS = [
    "/tickets/0",
    "/tickets/-1",
    "/tickets/abc",
    "/tickets/1.5",
    "/tickets/99999999999999999999999999",
    "/tickets/%00",
    "/tickets/1%2F..%2F2",
    "/tickets?page=-1",
    "/tickets?page=abc",
    "/tickets?page=99999999999999999999",
    "/tickets?size=0",
    "/tickets?size=1001",
    "/tickets?sort=nosuch",
    "/tickets?sort=price,sideways",
    "/tickets?priceFrom=x",
    "/tickets?companyId=" + "9" * 500,
    "/tickets?from=yesterday",
    "/tickets?available=perhaps",
    "/tickets?text=%FF%FE",
    "/sales/abc",
    "/nowhere",
]


async def _totals(system: System) -> tuple[int, int]:
    admin = await system.admin()
    pages = [await system.ask("GET", path, admin) for path in (TICKET, BOOK)]
    tickets, books = (page.body["page"]["totalElements"] for page in pages)
    return tickets, books


async def test_bodies(system: System) -> None:
    before = await _totals(system)
    for path, kind, body, member in BODIES:
        token = await (system.organizer() if path == TICKET else system.customer())
        status, problem = await _post(system, path, token, kind, body)
        assert 400 <= status < 500, (body[:80], status, problem)
        assert problem["status"] == status
        assert problem["code"], (body[:80], problem)
        assert problem["detail"], (body[:80], problem)
        assert member is None or problem.get("member") == member, (body[:80], problem)
    assert await _totals(system) == before


async def _post(system: System, path: str, token: str, kind: str, body: bytes) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    began = time.monotonic()
    async with system.http.post(system.url + path, data=body, headers=headers) as answer:
        assert answer.headers["Content-Type"].startswith("application/problem+json"), (body[:80], answer.headers)
        problem = await answer.json(content_type=None)
    assert time.monotonic() - began < 5.0, body[:80]
    return answer.status, problem


async def test_paths_and_queries(system: System) -> None:
    for path in PATHS:
        answer = await system.ask("GET", path)
        assert 400 <= answer.status < 500, (path, answer)
        assert answer.body["code"], (path, answer)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /tickets HTTP/9.9\r\n\r\n",
        b"POST /tickets HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /tickets HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"POST /tickets HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /tickets HTTP/1.1\r\nHost: x\r\nX-Correlation-Id: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET /tickets HTTP/1.1\r\nHost: x\r\nX-Correlation-Id: \xff\xfe\r\nConnection: close\r\n\r\n",
    ],
)
async def test_broken_requests_are_refused_and_hurt_nobody(system: System, request_bytes: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    writer.write(request_bytes)
    writer.write_eof()
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    assert not answer.startswith(b"HTTP/1.1 5"), answer
    assert (await system.ask("GET", "/tickets")).status == 200


@pytest.mark.parametrize("key", ["", " ", "a" * 201, "a\tb"])
async def test_an_unusable_idempotency_key_is_refused(system: System, key: str) -> None:
    ticket = await system.ticket()
    answer = await system.ask("POST", BOOK, await system.customer(), {"ticketId": ticket}, Idempotency_Key=key)
    assert answer.status == 400, answer
    assert "Idempotency-Key" in answer.body["detail"]


async def test_a_header_of_another_world(system: System) -> None:
    answer = await system.ask("GET", "/tickets", Accept="application/xml")
    assert (answer.status, answer.body["code"]) == (406, "not_acceptable")
