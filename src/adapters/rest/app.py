"""The operations of the given use cases behind one door, one policy and one way to say what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

import structlog
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from adapters.rest.auth import Tokens
from adapters.rest.books import BookingApi, Books
from adapters.rest.call import call_of
from adapters.rest.cancellations import Cancellations
from adapters.rest.checkins import CheckIns
from adapters.rest.contacts import Contacts
from adapters.rest.deletions import Deletions
from adapters.rest.door import AnswerTo, Mounted, RestApp
from adapters.rest.limits import Limits
from adapters.rest.media import SPOKEN
from adapters.rest.mypages import MypageApi, Mypages
from adapters.rest.notifications import NotificationApi, Notifications
from adapters.rest.openapi import Description
from adapters.rest.payments import PaymentApi, Payments
from adapters.rest.probes import Probes, is_open
from adapters.rest.problems import PROBLEM, problem_of
from adapters.rest.profiles import Profiles
from adapters.rest.reply import Reply
from adapters.rest.revalidating import check_unmatched
from adapters.rest.routes import POLICY, SPEAKS, TOLD, Alike, Told
from adapters.rest.sales import Sales
from adapters.rest.subscriptions import Subscriptions
from adapters.rest.tickets import TicketApi, Tickets
from adapters.rest.waiting import WaitingLines
from adapters.rest.webhooks import Webhooks
from myticket_core.access import ANYONE, allowed
from myticket_core.errors import InDoubt, Unavailable
from myticket_core.ports import Clock, Ids

Api: TypeAlias = TicketApi | BookingApi | PaymentApi | NotificationApi | MypageApi

log = structlog.get_logger("myticket.rest")


def create_app(
    *apis: Api,
    tokens: Tokens,
    ids: Ids,
    clock: Clock,
    public_url: str,
    probes: Probes | None = None,
    limits: Limits | None = None,
    more: Sequence[HTTPRouteHandler] = (),
    mounted: Mapping[str, Mounted] | None = None,
    away: Collection[str] = (),
) -> RestApp:
    """One application of one api (a service) or several (all embedded). Raises ValueError for an unguarded route.

    `public_url` begins every link; `more` are further routes, each with an action in its `opt`; `mounted` are
    ASGI applications by their paths, which judge by themselves; the first is the one that a browser finds at the root.
    What begins with a part of `away` is another's, who is down: 503.
    """
    url, probes, limits = public_url.rstrip("/"), probes or Probes(), limits or Limits()
    policy, answer_to = _policy(tokens, limits), _answer_to(clock)
    description = Description(url)
    served = [handler for api in apis for handler in _routes(api, url, clock, probes)]
    profiles = Profiles(url, served)
    handlers = [*served, *profiles.routes(), *probes.routes(), *description.routes(), *more]
    app = RestApp(
        [*_options(handlers), *handlers],
        before_request=policy,
        exception_handlers={Exception: _handler(answer_to)},
        openapi_config=None,
        logging_config=None,
    )
    app.ids, app.probes, app.limits, app.answer_to = ids, probes, limits, answer_to
    app.mounted, app.away, app.description = mounted or {}, away, description
    description.operations = _guarded(app, policy)
    return app


def _routes(api: Api, url: str, clock: Clock, probes: Probes) -> Sequence[HTTPRouteHandler]:
    match api:
        case TicketApi():
            return Tickets(api, url).routes()
        case BookingApi():
            sales = (*Sales(api, url, clock).routes(), *Deletions(api, url).routes(), *WaitingLines(api, url).routes())
            door = CheckIns(api, url).routes()
            return (*Books(api, url).routes(), *Cancellations(api, url).routes(), *door, *sales)
        case PaymentApi():
            return (*Payments(api, url).routes(), *Webhooks(api.hear).routes())
        case NotificationApi():
            contacts = (*Contacts(api.reach, url).routes(), *Subscriptions(api.subscribe, url).routes())
            return (*Notifications(api, url).routes(), *contacts)
        case MypageApi():
            return Mypages(api, url, probes).routes()


def _policy(tokens: Tokens, limits: Limits) -> Any:
    """The one place where an operation's action is judged; what comes through has its scope."""

    async def admit(request: Request[Any, Any, Any]) -> None:
        opt = request.scope["route_handler"].opt
        action = opt.get(POLICY)
        if action is None:
            return  # OPEN or OPTIONS: _guarded has seen to it
        call = call_of(request.scope)
        call.guarded = action not in ANYONE
        call.principal = await tokens.principal(call.headers.get(b"authorization"))
        call.rated(limits.principal(call.principal, request.scope))
        call.owner = allowed(call.principal, action)
        call.check_headers(opt.get(SPEAKS, SPOKEN))
        told: Told | None = opt.get(TOLD)
        if told is not None and not told.matched:
            check_unmatched(call, told.anew)

    return admit


def _guarded(app: Litestar, policy: Any) -> tuple[tuple[str, HTTPRouteHandler], ...]:
    """Every operation with its path, in one order always (Litestar keeps a path's in a set).

    Raises ValueError when one is neither OPEN nor judged by the policy.
    """
    operations = tuple(
        (route.path_format, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in sorted(route.route_handlers, key=lambda it: sorted(it.http_methods))
        if handler.http_methods != {"OPTIONS"}
    )
    for path, handler in operations:
        judged = handler.opt.get(POLICY) is not None and handler.resolve_before_request() is policy
        if not judged and not is_open(path):
            raise ValueError(f"{path} is not judged by the policy: it names no action, or has its own before_request")
    return operations


def _options(handlers: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """OPTIONS of every path with all that can be done there; Litestar's own tells only a part of it."""
    methods: dict[str, set[str]] = {}
    for handler in handlers:
        for path in handler.paths:
            able = methods.setdefault(path, {"OPTIONS"})
            able.update(str(method) for method in handler.http_methods)
            able.update(["HEAD"] if "GET" in able else [])
    return [_allowing(path, ", ".join(sorted(able))) for path, able in methods.items()]


def _allowing(path: str, methods: str) -> HTTPRouteHandler:
    async def options(request: Request[Any, Any, Any]) -> Reply:
        return Reply(204, None, b"", {"Allow": methods})

    return Alike(path, http_method="OPTIONS", status_code=200)(options)


def _handler(answer_to: AnswerTo) -> Any:
    return lambda request, error: answer_to(request.scope, error)


def _answer_to(clock: Clock) -> AnswerTo:
    """Every error becomes a problem. What was not raised on purpose is logged with its traceback; what does not answer
    us by its reason, which is not for who asked.
    """

    def answer(scope: Any, error: Exception) -> Reply:
        problem, call = problem_of(error), call_of(scope)
        if problem.code == "internal":
            log.error("request failed", method=scope["method"], path=scope["path"], exc_info=error)
        elif isinstance(error, Unavailable | InDoubt):
            log.warning("request not served", method=scope["method"], path=scope["path"], why=str(error))
        body = problem.body(scope["path"], call.correlation_id, clock.now())
        return Reply(problem.status, PROBLEM, body, problem.headers)

    return answer
