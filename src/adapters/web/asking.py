"""What the pages ask: the public REST API, wherever it is. They know nothing else of the system."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias

from attrs import field, frozen

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""Of ASGI: what comes from the browser, in the end that it has gone."""


@frozen
class Question:
    """`path` with its query. `sender` is the browser's (address, port), as whoever limits requests wants to know it."""

    method: str
    path: str
    token: str | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(factory=dict)
    sender: Any = None


@frozen
class Answer:
    """The names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Mapping[str, Any]:
        """The JSON object that it is; empty if it is none."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    @property
    def code(self) -> str:
        """What went wrong, as the API calls it."""
        return str(self.said.get("code", ""))


class NoAnswer(Exception):
    """The API was not reached, or broke off: what was asked may have been done."""


class Ask(Protocol):
    async def __call__(self, question: Question) -> Answer:
        """Raises NoAnswer."""


@frozen
class Telling:
    """An answer that goes on: `parts` of its body as they are said, until it ends."""

    status: int
    media: str
    parts: AsyncIterator[bytes]


class Follow(Protocol):
    def __call__(self, question: Question, receive: Receive) -> AbstractAsyncContextManager[Telling]:
        """It ends as well when `receive` says that the reader has gone."""
