"""OpenAPI 3.1 of what is really served: schemas from the classes that are encoded and the readers that read,
examples made by the code that answers, errors by the code that makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.rest.call import Call
from adapters.rest.hal import Link, PageFacts
from adapters.rest.problems import PROBLEM, TITLES, Problem
from adapters.rest.reading import Shape
from adapters.rest.reply import Reply, in_json
from adapters.rest.routes import POLICY, TOLD, Answered, Parameter, Told, route
from myticket_core.access import ANYONE, MAY

OPENAPI: Final = "application/vnd.oai.openapi+json"
_REF: Final = "#/components/schemas/{name}"
_ID: Final = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
_HEADERS: Final[dict[str, Any]] = {
    "Location": {"description": "Where it is", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "true: an earlier request with this key did it",
        "schema": {"enum": ["true"]},
    },
    "X-Correlation-Id": {"description": "Ties together everything that follows", "schema": {"type": "string"}},
    "Retry-After": {"description": "In seconds", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "WWW-Authenticate": {"description": "Which credentials are needed", "schema": {"type": "string"}},
}
_OF_PROBLEM: Final = {401: ("WWW-Authenticate",), 503: ("Retry-After",)}
_KEY: Final = {
    "name": "Idempotency-Key", "in": "header", "required": False, "example": "order-4711",
    "description": "Once per key and caller: a repeat answers as the first one would now, and does nothing again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}  # fmt: skip
_CORRELATION: Final = {
    "name": "X-Correlation-Id", "in": "header", "required": False,
    "description": "Taken over into every event, log line and notification that follows; made when left out",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
}  # fmt: skip
_PROBLEM: Final = {
    "type": "object", "description": "RFC 9457, with our code and the members of the originals' errors",
    "required": ["type", "title", "status", "detail", "instance", "code", "timestamp", "path", "error", "message",
                 "correlationId"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"enum": sorted(TITLES)},
        "timestamp": {"type": "string"}, "path": {"type": "string"}, "error": {"type": "string"},
        "message": {"type": "string"}, "correlationId": {"type": "string"},
        "member": {"type": "string", "description": "Of an invalid value: where it stands"},
        "value": {"description": "… what it was"}, "allowed": {"type": "string", "description": "… what it may be"},
        "remaining": {"type": "integer"}, "price": {"type": "integer"}, "ticketId": {"type": "integer"},
        "bookId": {"type": "integer"}, "bookStatus": {"type": "string"}, "paymentStatus": {"type": "string"},
        "expiresAt": {"type": "string"},
    },
}  # fmt: skip
_EXAMPLE_FACTS: Final[dict[str, dict[str, Any]]] = {
    "invalid": {"member": "price", "value": -5, "allowed": "an integer from 0 to 9007199254740991"},
    "sold_out": {"remaining": 0},
    "price_changed": {"price": 16000},
}


class Description:
    """Served at /schema, as JSON, and as a page for people when a browser asks. Told once what there is."""

    def __init__(self, url: str) -> None:
        self.url, self.document = url, dict[str, Any]()

    def routes(self) -> Sequence[HTTPRouteHandler]:
        media = (OPENAPI,)

        def told(id: str) -> Told:
            return Told(
                id=id, summary="This description", tag="service", answers={200: Answered("OpenAPI 3.1", media=media)}
            )

        return (
            route("GET", "/schema", self.shown, None, told("describe")),
            route("GET", "/schema/openapi.json", self.plain, None, told("openapi")),
        )

    async def shown(self, call: Call) -> Reply:
        if "text/html" in call.headers.get(b"accept", ""):
            headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
            return Reply(200, "text/html;charset=UTF-8", page(self.document), headers)
        return await self.plain(call)

    async def plain(self, call: Call) -> Reply:
        return in_json(self.document, OPENAPI)

    def tell(self, operations: Sequence[tuple[str, HTTPRouteHandler]]) -> None:
        told = [(path, handler, handler.opt[TOLD]) for path, handler in operations if TOLD in handler.opt]
        paths: dict[str, dict[str, Any]] = {}
        for path, handler, operation in told:
            (method,) = handler.http_methods
            action = handler.opt[POLICY]
            paths.setdefault(path, {})[str(method).lower()] = _operation(path, str(method), action, operation)
        self.document = {
            "openapi": "3.1.0",
            "info": {"title": "myticket", "version": "1", "description": "Tickets: offered, booked, paid, told of."},
            "servers": [{"url": self.url}],
            "paths": paths,
            "components": {
                "schemas": _schemas([operation for _, _, operation in told]),
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }


def _operation(path: str, method: str, action: Any, told: Told) -> dict[str, Any]:
    public = action is None or action in ANYONE
    said: dict[str, Any] = {
        "operationId": told.id,
        "summary": told.summary,
        "tags": [told.tag],
        "parameters": _parameters(path, method, told, guarded=action is not None),
        "responses": _responses(path, method, action, told),
        "security": [] if public else [{"token": []}],
    }
    if action is not None:
        roles = ["anyone"] if public else [role.value for role, actions in MAY.items() if action in actions]
        said["description"] = f"Policy: {action}, for {', '.join(roles)}."
    if told.takes is not None:
        said["requestBody"] = _request(told.takes, told.takes_required, method)
    return said


def _parameters(path: str, method: str, told: Told, guarded: bool) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    ids = [{"name": name, "in": "path", "required": True, "schema": _ID, "example": 5} for name in names]
    headers = [_CORRELATION] * guarded + [_KEY] * (method == "POST")
    return [*ids, *(_in_query(parameter) for parameter in told.parameters), *headers]


def _in_query(it: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": it.schema, "maxItems": 5} if it.repeated else it.schema
    return {"name": it.name, "in": "query", "required": it.required, "schema": schema, "description": it.about}


def _request(shape: Shape, required: bool, method: str) -> dict[str, Any]:
    example = {member.name: member.example for member in shape.members if member.example is not None}
    content = {"schema": {"$ref": _REF.format(name=shape.name)}, "example": example}
    media = ["application/json", *(["application/merge-patch+json"] if method == "PATCH" else [])]
    return {"required": required, "content": dict.fromkeys(media, content)}


def _responses(path: str, method: str, action: Any, told: Told) -> dict[str, Any]:
    good = {str(status): _good(answered, action is not None) for status, answered in told.answers.items()}
    return good if action is None else good | _bad(path, _codes(method, action, told))


def _good(answered: Answered, marked: bool) -> dict[str, Any]:
    names = (*answered.headers, "X-Correlation-Id") if marked else answered.headers
    said: dict[str, Any] = {"description": answered.about, "headers": {name: _HEADERS[name] for name in names}}
    if answered.media:
        said["content"] = dict.fromkeys(answered.media, {"schema": _schema(answered)} | _example(answered))
    return said


def _schema(answered: Answered) -> dict[str, Any]:
    if answered.kind is None:
        return {}
    item = {"$ref": _REF.format(name=answered.kind.__name__)}
    if answered.listed is None:
        return item
    embedded = {"type": "object", "required": [answered.listed], "properties": {
        answered.listed: {"type": "array", "items": item}}}  # fmt: skip
    links = {"type": "object", "additionalProperties": {"$ref": _REF.format(name="Link")}}
    properties = {"_embedded": embedded, "_links": links}
    if answered.paged:
        properties["page"] = {"$ref": _REF.format(name="PageFacts")}
    return {"type": "object", "required": list(properties), "properties": properties}


def _example(answered: Answered) -> dict[str, Any]:
    if answered.example is None:
        return {}
    example = msgspec.to_builtins(answered.example)
    if answered.listed is not None:
        href = example["_links"].get("self", {"href": ""})["href"].rpartition("/")[0]
        example = {"_embedded": {answered.listed: [example]}, "_links": {"self": {"href": href}}}
        if answered.paged:
            example["page"] = msgspec.to_builtins(PageFacts(20, 1, 1, 0))
    return {"example": example}


def _codes(method: str, action: Any, told: Told) -> list[str]:
    """Every code the operation may answer."""
    common = ["invalid", "unauthenticated", "internal", "unavailable"]
    common += [] if action in ANYONE else ["forbidden"]
    common += [] if method == "DELETE" else ["not_acceptable"]
    common += ["too_large", "unsupported_media_type"] if told.takes is not None else []
    return [*common, *told.problems]


def _bad(path: str, codes: Sequence[str]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(TITLES[code][0], []).append(code)
    return {str(status): _problem(path, status, by_status[status]) for status in sorted(by_status)}


def _problem(path: str, status: int, codes: Sequence[str]) -> dict[str, Any]:
    names = (*_OF_PROBLEM.get(status, ()), "X-Correlation-Id")
    return {
        "description": "; ".join(f"{code}: {TITLES[code][1]}" for code in codes),
        "headers": {name: _HEADERS[name] for name in names},
        "content": {PROBLEM: {
            "schema": {"$ref": _REF.format(name="Problem")},
            "examples": {code: {"value": _shown(path, code)} for code in codes},
        }},
    }  # fmt: skip


def _shown(path: str, code: str) -> Any:
    problem = Problem(code, TITLES[code][1], **_EXAMPLE_FACTS.get(code, {}))
    now = datetime(2026, 11, 22, 16, 9, 0, 0, UTC)
    return msgspec.json.decode(problem.body(path, "0193a5c2f3b27d0b8c1e4f5a6b7c8d9e", now))


def _schemas(operations: Sequence[Told]) -> dict[str, Any]:
    kinds = {answered.kind for told in operations for answered in told.answers.values() if answered.kind}
    wanted = [*sorted(kinds, key=lambda kind: kind.__name__), Link, PageFacts]
    _, schemas = msgspec.json.schema_components(wanted, ref_template=_REF)
    shapes = {told.takes.name: _body(told.takes) for told in operations if told.takes is not None}
    return {**schemas, **shapes, "Problem": _PROBLEM}


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
