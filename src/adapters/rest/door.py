"""The door of the application: every request passes it first, and every answer last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from time import perf_counter
from typing import Any, Final, Protocol, TypeAlias

import structlog
from attrs import define, field
from litestar import Litestar
from structlog.contextvars import bind_contextvars

from adapters.rest.call import Call, call_of
from adapters.rest.limits import Limits
from adapters.rest.media import shown
from adapters.rest.metrics import UNMATCHED
from adapters.rest.openapi import Description
from adapters.rest.probes import Probes
from adapters.rest.problems import Problem, retry_after
from adapters.rest.reply import Reply
from adapters.rest.stream import MEDIA
from myticket_core.errors import InDoubt, Unavailable
from myticket_core.ports import Ids

AnswerTo: TypeAlias = Callable[[Any, Exception], Reply]
"""What to answer to an error of the request with this scope."""
_EVENTS: Final = (b"content-type", MEDIA.encode())
_FRESH: Final = (b"cache-control", b"no-store")
AWHILE: Final = timedelta(seconds=5)
"""Until who asked what is away asks again."""

log = structlog.get_logger("myticket.rest")


class Mounted(Protocol):
    """An ASGI application."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    async def refuse(self, scope: Any, status: int, headers: Sequence[tuple[str, str]], send: Any) -> None:
        """Say in its own words that there is no answer of it, with this status and these headers."""


class RestApp(Litestar):
    """A Litestar application behind a door.

    Who asks too often comes no further, and what takes too long is given up. Every answer bears its correlation id,
    as every log line of the request does, and is counted. HEAD is answered as GET is, without the body. While the
    service drains, connections are closed after their answer. What is `mounted` is behind the door as well: it answers
    its path and all below.
    """

    ids: Ids
    probes: Probes
    limits: Limits
    answer_to: AnswerTo
    mounted: Mapping[str, Mounted]
    """By their paths. A browser that opens the root is sent to the first."""
    away: Collection[str]
    """What paths begin with that nobody answers here at present."""
    description: Description

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        began, method, call = perf_counter(), scope["method"], self._call(scope, receive)
        answer = _Answer(self, call, send)
        try:
            await self._let_in(call.scope, _leaving(receive, answer) if call.head else receive, answer)
        except (Exception, asyncio.CancelledError) as error:
            if answer.status:
                raise  # half an answer is none: the connection is closed
            await self._refuse(call.scope, self.answer_to(call.scope, _problem(call, error)), receive, answer)
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            route = call.scope.get("path_template", UNMATCHED)
            self.probes.metrics.answered(method, route, answer.status or 500, perf_counter() - began)

    def _call(self, scope: Any, receive: Any) -> Call:
        """HEAD is carried out as GET."""
        head = scope["method"] == "HEAD"
        scope = {**scope, "method": "GET"} if head else scope
        call = Call(scope, receive, self.ids.new())
        call.head = head
        scope.setdefault("state", {})["call"] = call
        bind_contextvars(correlation_id=call.correlation_id)
        return call

    async def _let_in(self, scope: Any, receive: Any, send: Any) -> None:
        """Raises Problem("too_many_requests"), TimeoutError: what is being written then is written all the same."""
        self.limits.address(scope)
        await self.limits.patience(self._behind(scope, receive, send))

    async def _behind(self, scope: Any, receive: Any, send: Any) -> None:
        """What is mounted sees as its client who sent the request, not the proxies between: what it asks of us in their
        name counts as theirs.
        """
        if app := self._mounted(scope):
            sender = (self.limits.senders.address(scope), 0)
            await app({**scope, "client": sender}, receive, send)
            return
        if self.away and scope["path"].lstrip("/").partition("/")[0] in self.away:
            raise Problem("unavailable", "whoever answers this is left out here", retry_after(AWHILE))
        if self.mounted and self._opened(scope):
            scope["path_template"] = "/"
            front = next(iter(self.mounted))
            await Reply(303, None, b"", {"Location": front, "Vary": "Accept"})(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    def _mounted(self, scope: Any) -> Mounted | None:
        """Not found by Litestar, for whom /webhooks is below /web."""
        for path, app in self.mounted.items():
            if f"{scope['path']}/".startswith(f"{path}/"):
                scope["path_template"] = path
                return app
        return None

    async def _refuse(self, scope: Any, reply: Reply, receive: Any, send: Any) -> None:
        """In the way of what is mounted there; else as a problem."""
        if app := self._mounted(scope):
            about = [(name.decode(), value.decode()) for name, value in reply.raw if not name.startswith(b"content-")]
            await app.refuse(scope, reply.status_code, about, send)
        else:
            await reply(scope, receive, send)

    def _opened(self, scope: Any) -> bool:
        """Whether a browser opens the root."""
        return (scope["method"], scope["path"]) == ("GET", "/") and shown(call_of(scope).headers.get(b"accept", ""))

    def marks(self, call: Call) -> Sequence[tuple[bytes, bytes]]:
        return (*call.marks, (b"connection", b"close")) if self.probes.draining else call.marks


@define(eq=False)
class _Answer:
    """The way of an answer out: it gets its marks, and for HEAD loses its body. `status`: 0 before it has begun."""

    at: RestApp
    call: Call
    send: Any
    status: int = 0
    begun: asyncio.Event = field(factory=asyncio.Event)

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if _EVENTS in message["headers"]:  # they go on for as long as they like
                self.at.limits.patience.spare()
            message["headers"] = [*_told(self.call, message["headers"]), *self.at.marks(self.call)]
        elif self.call.head:
            message["body"] = b""
        await self.send(message)
        self.begun.set()


def _told(call: Call, headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
    """Nothing on the way keeps what is for who asks alone, unless the answer itself says how it may be kept."""
    if not call.guarded or any(name == _FRESH[0] for name, _ in headers):
        return headers
    return (*headers, _FRESH)


def _leaving(receive: Any, answer: _Answer) -> Any:
    """Who asks by HEAD has what they want with the head, and goes: no stream stays open for them."""
    asked = False

    async def received() -> Any:
        nonlocal asked
        if asked:
            await answer.begun.wait()
            return {"type": "http.disconnect"}
        asked = True
        return await receive()

    return received


def _problem(call: Call, error: BaseException) -> Exception:
    """A server that ends waits no longer (CancelledError): for who asked it is as if it had taken too long."""
    return error if isinstance(error, Exception) and not isinstance(error, TimeoutError) else _given_up(call)


def _given_up(call: Call) -> Exception:
    """What to say to who waited: whether something may have happened."""
    log.warning("request given up", method=call.scope["method"], path=call.scope["path"])
    if call.arriving:
        return Problem("too_slow", "the body did not arrive in time", {"Connection": "close"})
    if call.scope["method"] == "GET":
        return Unavailable("this took too long")
    return InDoubt("this took too long: look what has become of it, or ask again with the same Idempotency-Key")
