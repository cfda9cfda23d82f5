"""Subscriptions over real WebSockets, to a real `myticket up`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from tests.e2e.system import System

pytestmark = pytest.mark.slow

BOOKING = "subscription { booking(id: 1) { ... on Booking { status } } }"
PAGE = "subscription { bookingPage(bookId: 1) { ... on BookingPage { status paymentStatus } } }"
PAID = {"status": "BOOKED", "paymentStatus": "APPROVED"}
REFUNDED = {"status": "CANCELED", "paymentStatus": "CANCELED"}
HURRIED = {"MYTICKET_REQUEST_TIMEOUT_SECONDS": "2.5", "MYTICKET_PAYMENT_TIMEOUT_SECONDS": "1"}


async def until(socket: ClientWebSocketResponse, wanted: dict[str, Any]) -> None:
    """Listen until each subscription has told this last."""
    last: dict[str, Any] = {}
    async with asyncio.timeout(20):
        while last != wanted:
            heard = await socket.receive_json()
            (last[heard["id"]],) = heard["payload"]["data"].values()


async def test_changes_are_told_for_as_long_as_the_system_is_there(tmp_path: Path) -> None:
    async with System(tmp_path, HURRIED) as system:
        token = await system.customer()
        booked = await system.ask("POST", "/books", token, {"ticketId": await system.ticket()})
        await system.ask("GET", f"/mypages/1?min_version={booked.headers['X-Version']}", token)
        at: Any = {"url": f"{system.url}/graphql", "protocols": ["graphql-transport-ws"]}
        with pytest.raises(WSServerHandshakeError, match="403"):
            await system.http.ws_connect(**at, origin="http://elsewhere.example")
        async with system.http.ws_connect(**at, origin=system.url) as socket:
            await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
            assert (await socket.receive_json())["type"] == "connection_ack"
            for id, query in (("booking", BOOKING), ("page", PAGE)):
                await socket.send_json({"type": "subscribe", "id": id, "payload": {"query": query}})
            await until(socket, {"booking": {"status": "BOOKED"}, "page": PAID})
            await asyncio.sleep(3)  # longer than any request or idle connection may take
            await system.ask("DELETE", "/books/1", token)
            await until(socket, {"booking": {"status": "CANCELED"}, "page": REFUNDED})
            began = time.monotonic()
            assert await system.stop() == 0
            print(f"stopped in {time.monotonic() - began:.1f} s with a socket open")
            assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
