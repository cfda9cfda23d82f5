"""How the pages ask the API that is served by the same process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from attrs import define
from structlog.contextvars import get_contextvars

from adapters.web.asking import Answer, Question, Receive, Telling

Messages: TypeAlias = "asyncio.Queue[MutableMapping[str, Any]]"


@define
class InProcess:
    """The application is called as a server would call it, door and all, without a socket."""

    app: Any = None

    async def __call__(self, question: Question) -> Answer:
        """In a task of its own: who asks is under the same door's clock, which knows a task once."""
        return await asyncio.create_task(self._asked(question))

    async def _asked(self, question: Question) -> Answer:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": question.body or b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self.app(_scope(question), receive, send)
        headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))

    @asynccontextmanager
    async def follow(self, question: Question, receive: Receive) -> AsyncIterator[Telling]:
        """One part of it waits at most: who does not read is noticed as if they had asked the API themselves."""
        said: Messages = asyncio.Queue(1)
        asked = asyncio.create_task(self.app(_scope(question), receive, said.put))
        try:
            head = await _next(said, asked)
            media = dict(head["headers"]).get(b"content-type", b"").decode()
            yield Telling(head["status"], media, _parts(said, asked))
        finally:
            asked.cancel()
            await asyncio.wait([asked])


async def _parts(said: Messages, asked: asyncio.Task[None]) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await _next(said, asked)
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _next(said: Messages, asked: asyncio.Task[None]) -> MutableMapping[str, Any]:
    """Raises what broke it off."""
    message = asyncio.create_task(said.get())
    try:
        await asyncio.wait([message, asked], return_when=asyncio.FIRST_COMPLETED)
        if not message.done():
            asked.result()
            return {"more_body": False}
        return message.result()
    finally:
        message.cancel()


def _scope(question: Question) -> dict[str, Any]:
    path, _, query = question.path.partition("?")
    headers = {"accept": "application/json", "content-type": "application/json", **question.headers}
    headers["x-correlation-id"] = get_contextvars()["correlation_id"]
    if question.token is not None:
        headers["authorization"] = f"Bearer {question.token}"
    return {
        "type": "http",
        "http_version": "1.1",
        "method": question.method,
        "scheme": "http",
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": question.sender,
        "server": None,
    }
