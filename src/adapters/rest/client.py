"""Asking another service over HTTP: one bounded pool, one deadline a question, and whether the question left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import aiohttp
from attrs import define
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    wait_random_exponential,
)

from adapters.rest.call import CORRELATION_ID
from adapters.rest.client_answer import Answer, NoAnswer, read
from adapters.rest.time_left import TIME_LEFT

KEEP: Final = 3.0
"""Seconds an idle connection is kept: fewer than servers do (uvicorn 5), so that none is closed under a question."""
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)  # the deadline is the one timeout


@define
class _Sending:
    """`begun` once the first byte may have left."""

    begun: bool = False


class Http:
    """The service at `url`. Redirects are answers like any other, and never followed."""

    def __init__(self, url: str, connections: int = 100) -> None:
        self._url, self._connections = url.rstrip("/"), connections
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, until: float, headers: Mapping[str, str]) -> Answer:
        """Asked again after a moment when the connection breaks or something between us fails. Raises NoAnswer."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(3),
            wait=wait_random_exponential(multiplier=0.05, max=0.25),
            retry=retry_if_exception_type(NoAnswer) | retry_if_result(passing),
            retry_error_callback=_last,
        )
        try:
            async with asyncio.timeout_at(until):
                answer: Answer = await retrying(self._ask, "GET", path, headers, None, _Sending())
                return answer
        except TimeoutError:
            raise NoAnswer(f"{self._url} did not answer in time", sent=True) from None

    async def once(
        self, method: str, path: str, until: float, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """Sent at most once, and with it how much time is left. Raises NoAnswer."""
        sending, left = _Sending(), until - asyncio.get_running_loop().time()
        if left <= 0:
            raise NoAnswer(f"no time is left to ask {self._url}", sent=False)
        try:
            async with asyncio.timeout_at(until):
                return await self._ask(method, path, {**headers, TIME_LEFT: f"{left * 1000:.0f}"}, body, sending)
        except TimeoutError:
            raise NoAnswer(f"{self._url} did not answer in time", sending.begun) from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, sending: _Sending
    ) -> Answer:
        asked = self._opened().request(
            method, self._url + path, headers=headers, data=body, allow_redirects=False, trace_request_ctx=sending
        )
        try:
            async with asked as answer:
                return await read(answer)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswer(f"{self._url}: {type(error).__name__} {error}", sending.begun) from error

    def _opened(self) -> aiohttp.ClientSession:
        """Made by the first question, as it belongs to the loop that runs then."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept": "application/json", "User-Agent": "myticket"},
                timeout=_NO_TIMEOUT,
                trace_configs=[_noting()],
            )
        return self._session


def deadline(timeout: timedelta) -> float:
    """When a question that is asked now has waited long enough, as the running loop counts time."""
    return asyncio.get_running_loop().time() + timeout.total_seconds()


def case_header(correlation_id: object) -> dict[str, str]:
    """The header that tells which case a question belongs to; without what no service would read."""
    if isinstance(correlation_id, str) and CORRELATION_ID.fullmatch(correlation_id):
        return {"X-Correlation-Id": correlation_id}
    return {}


def _noting() -> aiohttp.TraceConfig:
    """aiohttp tells of a body just before it writes it, together with the head, in one piece."""

    async def note(_: aiohttp.ClientSession, context: Any, __: aiohttp.TraceRequestChunkSentParams) -> None:
        context.trace_request_ctx.begun = True

    tracing = aiohttp.TraceConfig()
    tracing.on_request_chunk_sent.append(note)
    return tracing


def passing(answer: Answer) -> bool:
    """May be over in a moment; who says when to come back is taken at their word."""
    return answer.status >= 500 and answer.retry_after is None


def _last(state: RetryCallState) -> Any:
    """What the last of the attempts came to."""
    assert state.outcome is not None
    return state.outcome.result()
