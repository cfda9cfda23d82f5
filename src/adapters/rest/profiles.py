"""/profile: where the `profile` link of every list leads. What its members are called and what can be done, as ALPS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.rest.call import Call
from adapters.rest.hal import Link, Links
from adapters.rest.media import HAL
from adapters.rest.reply import Reply, in_json
from adapters.rest.routes import TOLD, Answered, Parameter, Told, operation, route

ALPS: Final = "application/alps+json"
_VERBS: Final = {"POST": "create", "GET": "get", "DELETE": "delete", "PUT": "update", "PATCH": "patch"}
_TYPES: Final = {"POST": "UNSAFE", "GET": "SAFE", "DELETE": "IDEMPOTENT", "PUT": "IDEMPOTENT", "PATCH": "UNSAFE"}


class Profiles:
    """Of everything that is listed by these handlers, as Spring Data REST tells it of the originals."""

    def __init__(self, url: str, handlers: Sequence[HTTPRouteHandler]) -> None:
        self.url, self.listed = f"{url}/profile", dict[str, dict[str, Any]]()
        for handler in handlers:
            for path in handler.paths:
                self._learn(path.strip("/"), handler.opt[TOLD])
        self.told = {name: self._alps(name, listed, handlers) for name, listed in self.listed.items()}

    def routes(self) -> Sequence[HTTPRouteHandler]:
        links = Answered("Their addresses", None, {"_links": self._links()}, media=(HAL,))
        every = operation("service", "listProfiles", "What is listed here", {200: links})
        return (
            route("GET", "/profile", self.every, None, every),
            *(route("GET", f"/profile/{name}", partial(self.one, name), None, self._one(name)) for name in self.told),
        )

    async def every(self, call: Call) -> Reply:
        return in_json({"_links": self._links()}, HAL)

    async def one(self, name: str, call: Call) -> Reply:
        return in_json(self.told[name], ALPS)

    def _one(self, name: str) -> Told:
        answer = Answered("ALPS", None, self.told[name], media=(ALPS,))
        return operation("service", f"profileOf{name[0].upper()}{name[1:]}", f"What {name} are", {200: answer})

    def _links(self) -> Links:
        return {"self": Link(self.url), **{name: Link(f"{self.url}/{name}") for name in self.listed}}

    def _learn(self, path: str, told: Told) -> None:
        answered = told.answers.get(200)
        if answered is not None and answered.listed == path and answered.kind is not None:
            self.listed[path] = {"members": _members(answered.kind), "asked": told.parameters}

    def _alps(self, name: str, listed: Mapping[str, Any], handlers: Sequence[HTTPRouteHandler]) -> dict[str, Any]:
        one = name.removesuffix("s")
        shape = {
            "id": f"{one}-representation",
            "href": f"{self.url}/{name}",
            "descriptor": [_semantic(it) for it in listed["members"]],
        }
        done = [_done(name, one, handler, listed["asked"]) for handler in handlers if _about(name, handler)]
        return {"alps": {"version": "1.0", "descriptor": [shape, *done]}}


@cache
def _members(kind: type) -> Sequence[str]:
    return [it.encode_name for it in msgspec.structs.fields(kind) if it.encode_name != "_links"]


def _about(name: str, handler: HTTPRouteHandler) -> bool:
    """Whether it is done to the list or to one of it, and not to something below."""
    return any(
        len(parts) <= 2 and parts[0] == name and (len(parts) == 1 or "{" in parts[1]) for parts in _parts(handler)
    )


def _done(name: str, one: str, handler: HTTPRouteHandler, asked: Sequence[Parameter]) -> dict[str, Any]:
    (method,) = handler.http_methods
    ((_, *item),) = _parts(handler)
    whom = one if item else name
    said = {"id": f"{_VERBS[method]}-{name if method == 'POST' else whom}", "name": whom, "type": _TYPES[method],
            "rt": f"#{one}-representation"}  # fmt: skip
    return said if item or method != "GET" else {**said, "descriptor": [_parameter(it) for it in asked]}


def _parts(handler: HTTPRouteHandler) -> list[list[str]]:
    return [path.strip("/").split("/") for path in handler.paths]


def _parameter(it: Parameter) -> dict[str, Any]:
    return {**_semantic(it.name), "doc": {"format": "TEXT", "value": it.about}}


def _semantic(name: str) -> dict[str, str]:
    return {"name": name, "type": "SEMANTIC"}
