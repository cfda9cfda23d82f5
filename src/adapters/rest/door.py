"""The door of the application: every request passes it first, and every answer last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from litestar import Litestar
from structlog.contextvars import bind_contextvars

from adapters.rest.call import Call
from adapters.rest.metrics import UNMATCHED
from adapters.rest.probes import Probes
from myticket_core.ports import Ids


class Service(Litestar):
    """A Litestar application behind a door.

    Every answer bears its correlation id, as every log line of the request does, and is counted. HEAD is answered
    as GET is, without the body. While the service drains, connections are closed after their answer.
    """

    ids: Ids
    probes: Probes
    document: Mapping[str, Any]
    """The OpenAPI description of what is served."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        began, status, method = perf_counter(), 500, scope["method"]
        scope = {**scope, "method": "GET"} if method == "HEAD" else scope
        call = Call(scope, receive, self.ids.new())
        scope.setdefault("state", {})["call"] = call
        bind_contextvars(correlation_id=call.correlation_id)

        async def answer(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._marks(call)]
            elif method == "HEAD":
                message["body"] = b""
            await send(message)

        try:
            await super().__call__(scope, receive, answer)
        finally:
            route = scope.get("path_template", UNMATCHED)
            self.probes.metrics.answered(method, route, status, perf_counter() - began)

    def _marks(self, call: Call) -> Sequence[tuple[bytes, bytes]]:
        mark = (b"x-correlation-id", call.correlation_id.encode())
        return (mark, (b"connection", b"close")) if self.probes.draining else (mark,)
