"""GraphQL at a service's door: the graph of what it serves, under its authentication, limits and deadlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from attrs import fields_dict, frozen
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from adapters.rest import Limits, RestApp
from adapters.rest.call import Call, call_of
from adapters.rest.media import JSON, check_readable
from adapters.rest.reply import Reply
from adapters.rest.routes import POLICY, SPEAKS
from apps.failures import CannotRun
from apps.settings import Settings
from apps.timekeeping import sales_clock
from myticket_core.access import Action, Principal
from myticket_core.errors import Invalid
from myticket_core.messages import Cause
from myticket_core.payment.ports import Deadline
from myticket_core.ports import Clock

if TYPE_CHECKING:  # it costs a start half a second: imported where it is served
    from adapters.graphql import Graph, UseCases

PATH: Final = "/graphql"
MEDIA: Final = "application/graphql-response+json"
"""What GraphQL over HTTP has instead of JSON; its status says whether anything was carried out, as it does for both."""
BOOKINGS, PAGES = 1.0, 0.25
"""Seconds between two looks for what has changed, while somebody has subscribed to it."""

log = structlog.get_logger("myticket")


@frozen
class CallAsker:
    """Who sent a request, as the door of REST has found out, and under its limits."""

    call: Call
    limits: Limits

    @property
    def principal(self) -> Principal | None:
        return self.call.principal

    @property
    def correlation_id(self) -> str:
        return self.call.correlation_id

    def cause(self, command: str, key: str | None, order: object) -> Cause:
        """With a key it is the same cause as that of a POST there in REST."""
        return self.call.once("idempotency_key", key, command, order)

    def pays(self, more: int) -> None:
        """Raises Problem("too_many_requests")."""
        self.call.rated(())
        self.call.rated(self.limits.more(self.call.principal, self.call.scope, more))

    def deadline(self) -> Deadline | None:
        return self.call.deadline()


def served(settings: Settings, containers: Mapping[str, Any], services: Sequence[str]) -> Graph | None:
    """The graph of `services`, if one is wanted and the extra for it is there. Raises CannotRun."""
    if not settings.graphql:
        return None
    if find_spec("strawberry") is None:
        log.info("no GraphQL here: install the extra graphql, or say MYTICKET_GRAPHQL=off")
        return None
    return graph(settings, use_cases(containers, services), services, sales_clock(containers))


def graph(settings: Settings, cases: UseCases, services: Sequence[str], clock: Clock) -> Graph:
    """With development tokens whoever asks is on their own machine, and may look at the schema."""
    from adapters.graphql import Graph, Schema

    return Graph(
        Schema(services),
        cases,
        clock,
        operations=_operations(settings),
        closed=settings.graphql_only_operations,
        open=settings.development_tokens,
    )


def use_cases(containers: Mapping[str, Any], services: Sequence[str]) -> UseCases:
    from adapters.graphql import Bookings, Notifications, Pages, Payments, Tickets, UseCases, Watch

    made: Mapping[str, Callable[[Any], Any]] = {
        "ticket": lambda it: part(Tickets, it.api(), many=it.tickets().many),
        "book": lambda it: part(
            Bookings, it.api(), sales=it.sales().many, watch=Watch(it.bookings().many, attrgetter("id"), BOOKINGS)
        ),
        "pay": lambda it: part(Payments, it.api(), many=it.payments().of_bookings),
        "alarm": lambda it: part(Notifications, it.api()),
        "mypage": lambda it: part(Pages, it.api(), watch=Watch(it.pages().many, attrgetter("booking_id"), PAGES)),
    }
    return UseCases(**{name: made[name](containers[name]) for name in services})


def part(kind: type[Any], api: Any, **beside: Any) -> Any:
    """A context's part of the graph: of the use cases that REST has those that it names, and what is `beside` them."""
    return kind(**{name: getattr(api, name) for name in fields_dict(kind).keys() - beside.keys()}, **beside)


def graph_route(graph: Graph) -> HTTPRouteHandler:
    """Anybody may come to its door, with a good token or none: each field of the graph is an action of its own.

    OpenAPI says nothing of it, as it has a description of its own.
    """

    async def answered(request: Request[Any, Any, Any]) -> Reply:
        call, app = call_of(request.scope), cast(RestApp, request.app)
        raw = await call.whole()
        check_readable(call.headers.get(b"content-type", ""), call.headers.get(b"content-encoding", ""))
        answer = await graph.answer(raw, CallAsker(call, app.limits))
        return Reply(answer.status, f"{call.answer_in};charset=UTF-8", answer.body)

    opt = {POLICY: Action.READ_TICKETS, SPEAKS: (JSON, MEDIA)}
    return HTTPRouteHandler(PATH, http_method="POST", status_code=200, opt=opt)(answered)


def _operations(settings: Settings) -> Mapping[str, str]:
    """Those that clients may name by their hash. Raises CannotRun."""
    from adapters.graphql import read_operations

    path = settings.graphql_operations
    if path is None:
        return {}
    try:
        return read_operations(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, Invalid) as error:
        raise CannotRun(f"GRAPHQL_OPERATIONS: {path} cannot be read: {error}") from error
