"""An operation: where it is, which action of the policy it is, what it takes and answers, and who carries it out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from adapters.rest.call import Call, call_of
from adapters.rest.media import HAL, JSON
from adapters.rest.reading import Shape
from adapters.rest.reply import Reply
from myticket_core.access import Action
from myticket_core.paging import LARGEST_PAGE, LAST_PAGE

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Handler: TypeAlias = Callable[[Call], Awaitable[Reply]]
POLICY: Final = "action"
TOLD: Final = "told"
SPEAKS: Final = "speaks"
"""In which media types it answers, if not in those of REST; (): in one, whatever is accepted."""


@frozen
class Parameter:
    """A parameter of the query, for the description; the operation itself reads it."""

    name: str
    schema: Mapping[str, Any]
    about: str
    required: bool = False
    repeated: bool = False


@frozen
class Answered:
    """A good answer: its body, if it has one, shown by an example that the real code made."""

    about: str
    kind: type | None = None
    example: Any = None
    listed: str | None = None  # the example is one item of a list of this name
    beside: Mapping[str, Mapping[str, Any]] = {}  # other members of a list, by their schemas
    paged: bool = True
    headers: Sequence[str] = ()
    media: Sequence[str] = field()

    @media.default
    def _spoken(self) -> Sequence[str]:
        return () if self.kind is None and self.example is None else (HAL, JSON)


@frozen(kw_only=True)
class Told:
    """What an operation is called and answers; `problems` are the codes beyond those that any may answer. `outcomes`
    are those of them that say what has become of something, and where that is.

    `about`: what its caller has to know beside that. `hurried`: it heeds X-Request-Timeout-Ms; `kept`: it answers with
    an ETag and heeds If-None-Match; `matched`: it heeds If-Match; `anew`: without tags it heeds
    If-None-Match: *; `streamed`: it answers in text/event-stream and heeds Last-Event-ID.
    """

    id: str
    summary: str
    tag: str
    answers: Mapping[int, Answered]
    problems: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    takes: Shape | None = None
    takes_required: bool = True
    parameters: Sequence[Parameter] = field(default=())
    about: str = ""
    hurried: bool = False
    kept: bool = False
    matched: bool = False
    anew: bool = False
    streamed: bool = False


def operation(tag: str, id: str, summary: str, answers: Mapping[int, Answered], *problems: str, **more: Any) -> Told:
    """`problems` in a row, and what else Told has in `more`."""
    return Told(id=id, summary=summary, tag=tag, answers=answers, problems=problems, **more)


def route(method: Method, path: str, handle: Handler, action: Action | None, told: Told) -> HTTPRouteHandler:
    """The operation as a Litestar handler; `action` None is for what everybody may see of the service itself."""

    async def handler(request: Request[Any, Any, Any]) -> Reply:
        return await handle(call_of(request.scope))

    opt = {POLICY: action, TOLD: told, **({SPEAKS: ()} if told.streamed else {})}
    return Alike(path, http_method=method, name=told.id, status_code=200, opt=opt)(handler)


class Alike(HTTPRouteHandler):
    """All are asked with a request and answer with a Reply: what Litestar learns of that, it learns once.

    To learn it of each of a hundred took more than half of the time that an application takes to be made.
    """

    @property
    def parsed_fn_signature(self) -> Any:
        return _one().parsed_fn_signature

    @property
    def signature_model(self) -> Any:
        return _one().signature_model


@cache
def _one() -> HTTPRouteHandler:
    async def handler(request: Request[Any, Any, Any]) -> Reply:
        raise NotImplementedError

    return HTTPRouteHandler(http_method="GET", status_code=200)(handler)


PAGE: Final = (
    Parameter("page", {"type": "integer", "minimum": 0, "maximum": LAST_PAGE, "default": 0}, "Counted from 0"),
    Parameter("size", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 20}, "Items on a page"),
)


def paged(*sortable: str) -> Sequence[Parameter]:
    """The parameters of a list that comes in pages."""
    fields = "|".join(sorted(sortable))
    about = "A member, then ,asc or ,desc; may be repeated"
    return (
        *PAGE,
        Parameter("sort", {"type": "string", "pattern": f"^({fields})(,(asc|desc))?$"}, about, repeated=True),
    )
