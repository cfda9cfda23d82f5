"""What comes back from another service, or does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import aiohttp
from attrs import frozen

LARGEST: Final = 64 * 1024
LONGEST_WAIT: Final = timedelta(hours=1)


class NoAnswer(Exception):
    """There is no whole answer. Only if `sent` is false, nobody can have acted on the question."""

    def __init__(self, why: str, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


@frozen
class Answer:
    """`body` is None when it is larger than anything we ask for."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None

    def __str__(self) -> str:
        known = self.status in HTTPStatus._value2member_map_
        return f"{self.status} {HTTPStatus(self.status).phrase}" if known else str(self.status)

    @property
    def retry_after(self) -> timedelta | None:
        """How long to wait, as the other side says; None: it does not say."""
        said = self.headers.get("Retry-After", "")
        if not said.isascii() or not said.isdigit():
            return None
        return min(timedelta(seconds=max(1, int(said[:9]))), LONGEST_WAIT)


async def read(answer: aiohttp.ClientResponse) -> Answer:
    """Raises what aiohttp raises when it breaks off."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > LARGEST:
            return Answer(answer.status, answer.headers, None)
    return Answer(answer.status, answer.headers, bytes(body))
