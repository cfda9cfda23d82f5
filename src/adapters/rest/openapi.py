"""OpenAPI 3.1 of what is really served: schemas from the classes that are encoded and the readers that read,
examples made by the code that answers, errors by the code that makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from inspect import cleandoc
from typing import Any, Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.rest import openapi_common as common
from adapters.rest import openapi_problems
from adapters.rest.call import Call
from adapters.rest.hal import MOST_SORTS, Link, PageFacts
from adapters.rest.media import JSON, MERGE_PATCH, shown
from adapters.rest.openapi_common import ref
from adapters.rest.problems import TITLES
from adapters.rest.reading import Shape
from adapters.rest.reply import Reply, in_json
from adapters.rest.routes import POLICY, TOLD, Answered, Parameter, Told, operation, route
from myticket_core.access import ANYONE, MAY, Action

OPENAPI: Final = "application/vnd.oai.openapi+json"
_DEPENDS: Final = {"Vary": "Accept"}
_REF: Final = "#/components/schemas/{name}"


class Description:
    """Served at /schema, as JSON, and as a page for people when a browser asks. Made when it is asked for first.

    `operations` are all that are served, by their paths, told once the application is made.
    """

    def __init__(self, url: str) -> None:
        self.url, self.operations = url, tuple[tuple[str, HTTPRouteHandler], ...]()

    def routes(self) -> Sequence[HTTPRouteHandler]:
        said = "This description", {200: Answered("OpenAPI 3.1", media=(OPENAPI,))}
        return (
            route("GET", "/schema", self.shown, None, operation("service", "describe", *said)),
            route("GET", "/schema/openapi.json", self.plain, None, operation("service", "openapi", *said)),
        )

    async def shown(self, call: Call) -> Reply:
        if not shown(call.headers.get(b"accept", "")):
            return in_json(self.document, OPENAPI, headers=_DEPENDS)
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", **_DEPENDS}
        return Reply(200, "text/html;charset=UTF-8", page(self.document), headers)

    async def plain(self, call: Call) -> Reply:
        return in_json(self.document, OPENAPI)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        told = [(path, handler, handler.opt[TOLD]) for path, handler in self.operations if TOLD in handler.opt]
        paths: dict[str, dict[str, Any]] = {}
        responses: dict[str, Any] = {}
        for path, handler, it in told:
            (method,) = handler.http_methods
            said = _operation(self.url, path, str(method), handler.opt[POLICY], it, responses)
            paths.setdefault(path, {})[str(method).lower()] = said
        return {
            "openapi": "3.1.0",
            "info": {"title": "myticket", "version": "1", "description": "Tickets: offered, booked, paid, told of."},
            "servers": [{"url": self.url}],
            "paths": paths,
            "components": {
                "schemas": _schemas([it for _, _, it in told]),
                "responses": responses,
                "parameters": {it["name"]: it for it in common.PARAMETERS},
                "headers": common.HEADERS,
                "examples": {code: openapi_problems.example(code) for code in TITLES},
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }


def _operation(
    url: str, path: str, method: str, action: Action | None, told: Told, shared: dict[str, Any]
) -> dict[str, Any]:
    """What is said of one operation; its problems are put among the `shared` responses."""
    public = action is None or action in ANYONE
    said: dict[str, Any] = {
        "operationId": told.id,
        "summary": told.summary,
        "tags": [told.tag],
        "parameters": _parameters(path, method, told, guarded=action is not None),
        "responses": _good(url + path, told, action) | _bad(method, action, told, shared),
        "security": [] if public else [{"token": []}],
    }
    if action is not None:
        roles = ["anyone"] if public else [role.value for role, actions in MAY.items() if action in actions]
        said["description"] = f"Policy: {action}, for {', '.join(roles)}. {told.about}".rstrip()
    if told.takes is not None:
        said["requestBody"] = _request(told.takes, told.takes_required, method)
    return said


def _parameters(path: str, method: str, told: Told, guarded: bool) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    ids = [_in_path(name) for name in names]
    headers = [ref("parameters", "X-Correlation-Id")] * guarded
    headers += [ref("parameters", "Idempotency-Key")] * (method == "POST")
    headers += [ref("parameters", "X-Request-Timeout-Ms")] * told.hurried
    headers += [ref("parameters", "If-None-Match")] * told.kept
    headers += [ref("parameters", "If-Match")] * told.matched
    headers += [common.ANEW] * told.anew
    headers += [ref("parameters", "Last-Event-ID")] * told.streamed
    return [*ids, *(_in_query(parameter) for parameter in told.parameters), *headers]


def _in_path(name: str) -> dict[str, Any]:
    schema, example = common.IN_PATH.get(name, (common.ID, 5))
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _in_query(it: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": it.schema, "maxItems": MOST_SORTS} if it.repeated else it.schema
    return {"name": it.name, "in": "query", "required": it.required, "schema": schema, "description": it.about}


def _request(shape: Shape, required: bool, method: str) -> dict[str, Any]:
    example = {member.name: member.example for member in shape.members if member.example is not None}
    content = {"schema": ref("schemas", shape.name), "example": example}
    media = [JSON, *([MERGE_PATCH] if method == "PATCH" else [])]
    return {"required": required, "content": dict.fromkeys(media, content)}


def _good(url: str, told: Told, action: Action | None) -> dict[str, Any]:
    return {str(status): _answered(url, answered, _marks(action)) for status, answered in told.answers.items()}


def _marks(action: Action | None) -> Sequence[str]:
    """The headers of whatever is answered."""
    if action is None:
        return ()
    return ("X-Correlation-Id",) if action in ANYONE else ("Cache-Control", "X-Correlation-Id")


def _bad(method: str, action: Action | None, told: Told, shared: dict[str, Any]) -> dict[str, Any]:
    if action is None:
        return {}
    found = {}
    codes = openapi_problems.codes(method, action, told)
    for status, (name, response) in openapi_problems.problems(codes, told.outcomes).items():
        shared[name] = response
        found[status] = ref("responses", name)
    return found


def _answered(url: str, answered: Answered, marks: Sequence[str]) -> dict[str, Any]:
    names = (*answered.headers, *(["Vary"] if len(answered.media) > 1 else []), *marks)
    said: dict[str, Any] = {"description": answered.about, "headers": common.headers(names)}
    if answered.media:
        said["content"] = dict.fromkeys(answered.media, {"schema": _schema(answered)} | _example(url, answered))
    return said


def _schema(answered: Answered) -> dict[str, Any]:
    if answered.kind is None:
        return {}
    item = ref("schemas", answered.kind.__name__)
    if answered.listed is None:
        return item
    embedded = {"type": "object", "required": [answered.listed], "properties": {
        answered.listed: {"type": "array", "items": item}}}  # fmt: skip
    links = {"type": "object", "additionalProperties": ref("schemas", "Link")}
    properties: dict[str, Any] = {"_embedded": embedded, "_links": links}
    if answered.paged:
        properties["page"] = ref("schemas", "PageFacts")
    properties |= answered.beside
    return {"type": "object", "required": list(properties), "properties": properties}


def _example(url: str, answered: Answered) -> dict[str, Any]:
    if answered.example is None:
        return {}
    example = msgspec.to_builtins(answered.example)
    if answered.listed is not None:
        example = {"_embedded": {answered.listed: [example]}, "_links": {"self": {"href": url}}}
        if answered.paged:
            example["page"] = msgspec.to_builtins(PageFacts(20, 1, 1, 0))
        example |= {name: schema["example"] for name, schema in answered.beside.items()}
    return {"example": example}


def _schemas(operations: Sequence[Told]) -> dict[str, Any]:
    kinds = {answered.kind for told in operations for answered in told.answers.values() if answered.kind}
    wanted = [*sorted(kinds, key=lambda kind: kind.__name__), Link, PageFacts]
    _, schemas = msgspec.json.schema_components(wanted, ref_template=_REF)
    for schema in (it for it in schemas.values() if "description" in it):
        schema["description"] = cleandoc(schema["description"])
    shapes = {told.takes.name: _body(told.takes) for told in operations if told.takes is not None}
    return {**schemas, **shapes, "Problem": openapi_problems.PROBLEM_SCHEMA}


def _body(shape: Shape) -> Mapping[str, Any]:
    return {
        "type": "object",
        "description": "Members that are not listed are ignored; numbers may come as strings of digits.",
        "required": [member.name for member in shape.members if member.required],
        "properties": {member.name: {"description": member.about, **member.kind.schema} for member in shape.members},
    }


def page(document: Mapping[str, Any]) -> bytes:
    """The description as a plain page: nothing is loaded from anywhere."""
    rows = [
        f"<tr><td>{method.upper()}</td><td>{escape(path)}</td><td>{escape(said.get('summary', ''))}</td>"
        f"<td>{escape(said.get('description', ''))}</td><td>{escape(', '.join(said['responses']))}</td></tr>"
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    ]
    style = "body{font-family:sans-serif;margin:2em}td{padding:.2em .8em;border-top:1px solid #ccc}"
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>myticket</title><style>{style}</style>"
    link = '<p><a href="/schema/openapi.json">OpenAPI 3.1</a></p>'
    return f"{head}<h1>myticket</h1>{link}<table>{''.join(rows)}</table></html>".encode()
