"""graphql-transport-ws: subscriptions over a WebSocket, for whoever has said who they are in connection_init."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from attrs import define, field

from adapters.graphql.cases import Asker
from adapters.graphql.graph import Graph

PROTOCOL: Final = "graphql-transport-ws"
PATIENCE: Final = 10.0
"""Seconds within which a connection has to say who it is."""
MOST: Final = 10
"""Subscriptions on one connection."""
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]


class Closing(Exception):
    """The connection is closed with this code, and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Doorkeeper(Protocol):
    async def admit(self, authorization: str | None) -> Asker:
        """Who that is. Raises Closing; also when they are not believed any more, or ask too often."""


@define(eq=False)
class Session:
    """One connection. What is subscribed to ends with it, and as soon as its token does."""

    graph: Graph
    door: Doorkeeper
    receive: Receive
    send: Send
    _authorization: str | None = None
    _running: dict[str, asyncio.Task[None]] = field(factory=dict)

    async def run(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._begin()
            while True:
                await self._heard(await self._message())
        except TimeoutError:
            await self._close(4408, "connection_init did not come in time")
        except Closing as closing:
            await self._close(closing.code, closing.reason)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _begin(self) -> None:
        said = await self._message()
        if said["type"] != "connection_init":
            raise Closing(4401, "connection_init comes first")
        payload = said.get("payload") or {}
        given = payload.get("Authorization") if isinstance(payload, dict) else None
        self._authorization = given if isinstance(given, str) else None
        await self.door.admit(self._authorization)
        await self._say("connection_ack")

    async def _heard(self, said: Mapping[str, Any]) -> None:
        id = said.get("id")
        match said["type"]:
            case "ping":
                await self._say("pong")
            case "pong":
                return
            case "subscribe" if isinstance(id, str) and len(id) <= 100 and isinstance(said.get("payload"), dict):
                self._subscribe(id, said["payload"])
            case "complete" if isinstance(id, str):
                if id in self._running:
                    self._running[id].cancel()
            case "connection_init":
                raise Closing(4429, "connection_init comes once")
            case _:
                raise Closing(4400, "that is no message of this protocol")

    def _subscribe(self, id: str, payload: Mapping[str, Any]) -> None:
        if id in self._running:
            raise Closing(4409, f"{id} is there already")
        if len(self._running) >= MOST:
            raise Closing(4429, f"at most {MOST} subscriptions on one connection")
        task = self._running[id] = asyncio.create_task(self._told(id, payload))
        task.add_done_callback(lambda _: self._running.pop(id, None))

    async def _told(self, id: str, payload: Mapping[str, Any]) -> None:
        """Before each change is told it is looked whether the asker is still believed."""
        try:
            asker = await self.door.admit(self._authorization)
            told = await self.graph.changes(payload, asker)
            if isinstance(told, list):
                return await self._say("error", id=id, payload=told)
            async for result in told:
                await self.door.admit(self._authorization)
                await self._say("next", id=id, payload=result)
            await self._say("complete", id=id)
        except Closing as closing:
            await self._close(closing.code, closing.reason)
        except OSError:
            return  # the other side has gone

    async def _message(self) -> dict[str, Any]:
        """Raises Closing: not one of this protocol, or the other side has gone."""
        event = await self.receive()
        if event["type"] == "websocket.disconnect":
            raise Closing(1000, "")
        try:
            said = json.loads(event.get("text") or "")
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or not isinstance(said.get("type"), str):
            raise Closing(4400, "messages are JSON objects with a type")
        return said

    async def _say(self, kind: str, **more: Any) -> None:
        await self.send({"type": "websocket.send", "text": json.dumps({"type": kind, **more})})

    async def _close(self, code: int, reason: str) -> None:
        if code != 1000:
            await self.send({"type": "websocket.close", "code": code, "reason": reason})
