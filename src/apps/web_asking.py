"""How the pages ask the API that is served by the same process."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from attrs import define
from structlog.contextvars import get_contextvars

from adapters.web.asking import Answer, Question


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
