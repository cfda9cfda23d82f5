"""graphql-transport-ws: subscriptions over a WebSocket, for whoever has said who they are in connection_init."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing, asynccontextmanager
from typing import Any, Final, Protocol, TypeAlias

import structlog
from attrs import define, field

from adapters.graphql.cases import Asker
from adapters.graphql.graph import Graph
from myticket_core.strict_json import read_strictly

PROTOCOL: Final = "graphql-transport-ws"
PATIENCE: Final = 10.0
"""Seconds within which a connection has to say who it is."""
MOST: Final = 10
"""Subscriptions on one connection."""
AGAIN: Final = 30.0
"""Seconds after which it is looked whether the token is still good, though nothing has changed."""
LONGEST: Final = 900.0
"""Seconds until a connection ends: who comes again begins anew, as with streams."""
GONE: Final = 1000
"""The code of a close by the other side."""
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]

log = structlog.get_logger("myticket.graphql")


class Closing(Exception):
    """The connection is closed with this code, and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Doorkeeper(Protocol):
    async def admit(self, authorization: str | None) -> Asker:
        """Who that is, who asks once more. Raises Closing; also when they are not believed, or ask too often."""

    async def believe(self, authorization: str | None) -> None:
        """Raises Closing when they are not believed any more."""

    def subscribed(self) -> AbstractContextManager[None]:
        """One subscription more of who was admitted. Raises Closing: they have as many as they may."""


@define(eq=False)
class Session:
    """One connection. What is subscribed to ends with it, and it as soon as its token does."""

    graph: Graph
    door: Doorkeeper
    receive: Receive
    send: Send
    _authorization: str | None = None
    _running: dict[str, asyncio.Task[None]] = field(factory=dict)
    _tasks: asyncio.TaskGroup = field(factory=asyncio.TaskGroup)

    async def run(self) -> None:
        """Until the other side has gone, or may not go on."""
        try:
            async with _until(PATIENCE, Closing(4408, "connection_init did not come in time")):
                await self._begin()
            async with _until(LONGEST, Closing(1012, "connect again")), self._tasks:
                self._tasks.create_task(self._judged())
                while True:
                    await self._heard(await self._message())
        except* Closing as closings:
            await self._close(closings)
        except* OSError:
            log.debug("a connection was lost")
        except* Exception as unforeseen:
            log.error("a connection failed", exc_info=unforeseen)

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
                await self._end(id)
            case "connection_init":
                raise Closing(4429, "connection_init comes once")
            case _:
                raise Closing(4400, "that is no message of this protocol")

    def _subscribe(self, id: str, payload: Mapping[str, Any]) -> None:
        if id in self._running:
            raise Closing(4409, f"{id} is there already")
        if len(self._running) >= MOST:
            raise Closing(4429, f"at most {MOST} subscriptions on one connection")
        task = self._running[id] = self._tasks.create_task(self._told(id, payload))
        task.add_done_callback(lambda _: self._running.pop(id, None))

    async def _end(self, id: str) -> None:
        """Until it has: what is subscribed to next may have its id, and gets its place."""
        if task := self._running.get(id):
            task.cancel()
            await asyncio.wait([task])

    async def _told(self, id: str, payload: Mapping[str, Any]) -> None:
        """Before each change is told it is looked whether the asker is still believed."""
        with self.door.subscribed():
            asker = await self.door.admit(self._authorization)
            told = await self.graph.changes(payload, asker)
            if isinstance(told, list):
                return await self._say("error", id=id, payload=told)
            async with aclosing(told):
                async for result in told:
                    await self.door.admit(self._authorization)
                    await self._say("next", id=id, payload=result)
            await self._say("complete", id=id)

    async def _judged(self) -> None:
        """Also while nothing changes."""
        while True:
            await asyncio.sleep(AGAIN)
            await self.door.believe(self._authorization)

    async def _message(self) -> dict[str, Any]:
        """Raises Closing: not one of this protocol, or the other side has gone."""
        event = await self.receive()
        if event["type"] == "websocket.disconnect":
            raise Closing(GONE, "")
        try:
            said = read_strictly(event.get("text") or "")
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or not isinstance(said.get("type"), str):
            raise Closing(4400, "messages are JSON objects with a type")
        return said

    async def _say(self, kind: str, **more: Any) -> None:
        await self.send({"type": "websocket.send", "text": json.dumps({"type": kind, **more})})

    async def _close(self, closings: BaseExceptionGroup[Closing]) -> None:
        """Several at once may have found a reason."""
        first = next(_each(closings))
        if first.code != GONE:
            await self.send({"type": "websocket.close", "code": first.code, "reason": first.reason})


def _each(group: BaseExceptionGroup[Closing]) -> Iterator[Closing]:
    for found in group.exceptions:
        yield from _each(found) if isinstance(found, BaseExceptionGroup) else (found,)


@asynccontextmanager
async def _until(seconds: float, closing: Closing) -> AsyncIterator[None]:
    """Raises `closing` when it takes longer."""
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            yield
    except TimeoutError:
        if not timeout.expired():
            raise
        raise closing from None
