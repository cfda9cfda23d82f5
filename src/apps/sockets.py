"""WebSockets at a service's door: subscriptions of its graph, under the tokens and limits of requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import define, field, frozen

from adapters.rest import RestApp, Tokens
from adapters.rest.call import Call
from adapters.rest.problems import Problem
from adapters.rest.room import Places
from adapters.rest.streams import IN_ALL, PER_PRINCIPAL
from apps.graphs import PATH, CallAsker
from myticket_core.access import Principal, Role
from myticket_core.errors import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from adapters.graphql import Graph


@frozen
class Room:
    """Connections and subscriptions that there may be at once in this process: as many as streams of pages.

    Whoever may see everything may be everybody, in a mesh without tokens: they are limited in all only. `newcomers`
    have not said who they are, and take no place from those who have; `each` of them is an address.
    """

    newcomers: Places = field(factory=lambda: Places("connections that say nothing", in_all=1_000, each=100))
    connections: Places = field(factory=lambda: Places("connections", in_all=IN_ALL, each=PER_PRINCIPAL))
    subscriptions: Places = field(factory=lambda: Places("subscriptions", in_all=10_000, each=100))


@frozen
class WithSockets:
    """An application, and a graph to which one may subscribe at its path. Other WebSockets are refused.

    So are those that a page of somebody else's opens: a browser does that with whatever cookies and network it has.
    """

    app: RestApp
    graph: Graph
    tokens: Tokens
    url: str
    room: Room = field(factory=Room)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
        else:
            await self._socket(scope, receive, send)

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        from adapters.graphql import PROTOCOL, Session

        await receive()
        with ExitStack() as places, ExitStack() as waiting:
            if PROTOCOL not in scope["subprotocols"] or not self._let_in(scope, waiting):
                await send({"type": "websocket.close"})
                return
            await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
            await Session(self.graph, _Door(self, scope, receive, places, waiting), receive, send).run()

    def _let_in(self, scope: Any, waiting: ExitStack) -> bool:
        if scope["path"] != PATH or not _ours(scope["headers"], self.url):
            return False
        try:
            self.app.limits.address(scope)
            waiting.enter_context(self.room.newcomers.one())
            waiting.enter_context(self.room.newcomers.one_of(self.app.limits.senders.of(scope)))
        except (Problem, Unavailable):
            return False
        return True


@define
class _Door:
    at: WithSockets
    scope: Any
    receive: Any
    places: ExitStack
    waiting: ExitStack
    _principal: Principal | None = None

    async def admit(self, authorization: str | None) -> CallAsker:
        """Raises Closing."""
        limits, call = self.at.app.limits, Call({**self.scope, "method": "GET"}, self.receive, self.at.app.ids.new())
        with _closing():
            limits.address(self.scope)
            call.principal = await self._believed(authorization)
            limits.principal(call.principal, self.scope)
            if self._principal is None:
                self.places.enter_context(_one_of(self.at.room.connections, call.principal))
                self.places.enter_context(self.at.room.connections.one())
                self.waiting.close()
                self._principal = call.principal
        return _Subscriber(call, limits)

    async def believe(self, authorization: str | None) -> None:
        """Raises Closing."""
        with _closing():
            await self._believed(authorization)

    @contextmanager
    def subscribed(self) -> Iterator[None]:
        """Raises Closing."""
        with ExitStack() as places:
            with _closing():
                places.enter_context(self.at.room.subscriptions.one())
                places.enter_context(_one_of(self.at.room.subscriptions, self._principal))
            yield

    async def _believed(self, authorization: str | None) -> Principal:
        principal = await self.at.tokens.principal(authorization)
        if principal is None:
            raise Unauthenticated("say Authorization: Bearer ... in the payload of connection_init")
        return principal


@frozen
class _Subscriber(CallAsker):
    def pays(self, more: int) -> None:
        """Raises Closing."""
        with _closing():
            CallAsker.pays(self, more)


def _one_of(places: Places, principal: Principal | None) -> AbstractContextManager[None]:
    if principal is None or principal.role is Role.ADMIN:
        return nullcontext()
    return places.one_of(principal.subject)


@contextmanager
def _closing() -> Iterator[None]:
    """What the door would answer to a request is said in closing. Raises Closing."""
    from adapters.graphql import Closing

    try:
        yield
    except Unauthenticated as error:
        raise Closing(4403, str(error)[:100]) from None
    except Problem as error:
        raise Closing(4429, str(error)[:100]) from None
    except Unavailable as error:
        raise Closing(1013, str(error)[:100]) from None


def _ours(headers: Any, url: str) -> bool:
    """Whether no page asks, or one of ours: of the public URL, or of the host that is asked."""
    said: dict[bytes, str] = {name: value.decode("latin-1").lower() for name, value in headers}
    if b"origin" not in said:
        return True
    origin, own = said[b"origin"], urlsplit(url.lower())
    return origin == f"{own.scheme}://{own.netloc}" or origin.partition("://")[2] == (said.get(b"host") or "none")
