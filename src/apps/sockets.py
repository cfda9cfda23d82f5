"""WebSockets at a service's door: subscriptions of its graph, under the tokens and limits of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from adapters.rest import Service, Tokens
from adapters.rest.call import Call
from adapters.rest.problems import Problem
from apps.graphs import PATH, CallAsker
from myticket_core.errors import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from adapters.graphql import Graph


@frozen
class WithSockets:
    """An application, and a graph to which one may subscribe at its path. Other WebSockets are refused."""

    app: Service
    graph: Graph
    tokens: Tokens

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
        else:
            await self._socket(scope, receive, send)

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        from adapters.graphql import PROTOCOL, Session

        await receive()
        if scope["path"] != PATH or PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        await Session(self.graph, _Door(self, scope, receive), receive, send).run()


@frozen
class _Door:
    at: WithSockets
    scope: Any
    receive: Any

    async def admit(self, authorization: str | None) -> CallAsker:
        """Raises Closing."""
        from adapters.graphql import Closing

        call, app = Call({**self.scope, "method": "GET"}, self.receive, self.at.app.ids.new()), self.at.app
        try:
            app.limits.address(self.scope)
            call.principal = await self.at.tokens.principal(authorization)
            app.limits.principal(call.principal, self.scope)
        except Unauthenticated as error:
            raise Closing(4403, str(error)[:100]) from None
        except (Problem, Unavailable) as error:
            raise Closing(4429, str(error)[:100]) from None
        if call.principal is None:
            raise Closing(4403, "say Authorization: Bearer ... in the payload of connection_init")
        return CallAsker(call, app.limits)
