"""Development tokens are for one's own machine: what a page of somebody else's has a browser ask is not answered."""

from typing import Any

import pytest

from apps.own_machine import OwnMachine
from tests.e2e.system import System

HERE, THERE = "127.0.0.1:8088", "evil.example:8088"


async def answered(method: str | None, **headers: str) -> bool:
    """Whether the application is asked; without a method, by a WebSocket."""
    asked, sent = list[Any](), list[Any]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    kind = {"type": "websocket"} if method is None else {"type": "http", "method": method}
    said = [(name.encode(), value.encode()) for name, value in headers.items()]
    await OwnMachine(app)({**kind, "path": "/", "headers": said}, receive, send)
    assert asked or sent[0] in ({"type": "websocket.close"}, {**sent[0], "status": 403})
    return bool(asked)


@pytest.mark.parametrize("method", ["GET", "POST", None])
async def test_it_is_asked_by_a_name_of_this_machine(method: str | None) -> None:
    for host in (HERE, "127.0.0.1", "localhost:1", "[::1]:8088"):
        assert await answered(method, host=host)
    for host in (THERE, "127.0.0.1.evil.example", "192.0.2.1", "", "[", "[::2]:1", "localhost.evil.example"):
        assert not await answered(method, host=host)
    assert await answered(method), "no browser asks without"


@pytest.mark.parametrize("method", ["POST", "DELETE", None])
async def test_no_page_from_elsewhere_changes_anything(method: str | None) -> None:
    for origin in (f"http://{HERE}", "http://localhost:3000"):
        assert await answered(method, host=HERE, origin=origin)
    for origin in (f"http://{THERE}", "null", "", "https://127.0.0.1.evil.example"):
        assert not await answered(method, host=HERE, origin=origin)


async def test_looking_is_for_the_browser_to_allow() -> None:
    assert await answered("GET", host=HERE, origin=f"http://{THERE}")


async def test_whoever_runs_it_has_that_guard(tmp_path: Any) -> None:
    async with System(tmp_path) as system:
        for headers, status in (({}, 200), ({"Host": THERE}, 403)):
            async with system.http.get(f"{system.url}/tickets", headers=headers) as answer:
                assert answer.status == status
