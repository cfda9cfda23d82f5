"""The line to Stripe: its official library on aiohttp, so that nothing blocks, and what its errors mean for money."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

import aiohttp
import stripe

from myticket_core.errors import InDoubt, MyticketError, Unavailable

Result = TypeVar("Result")

KEY: Final = "myticket_key"
"""In the metadata of what we make, for people and for webhooks."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=30, sock_connect=5)
RETRIES: Final = 2
"""Of calls that may be made twice: with one idempotency key, or moving no money."""
TRIES: Final = 20
"""Idempotency keys for one thing, of which Stripe fails at one after the other: as workers wait, about an hour's."""
SETTLING: Final = timedelta(seconds=25)
"""What a worker waits for what it asks, all calls and repeats together: one that has not moved for a minute hangs."""
SOON: Final = timedelta(seconds=2)
NEVER_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class StripeLine(stripe.AIOHTTPClient):
    """The library's own, which does not hear of an answer that breaks off, nor close it."""

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            async with self._session.request(method, url, headers=headers, data=post_data, timeout=TIMEOUT) as answer:
                return await answer.read(), answer.status, answer.headers
        except (aiohttp.ClientError, TimeoutError) as error:
            self._handle_request_error(error)


def client(api_key: str, line: StripeLine, url: str | None) -> stripe.StripeClient:
    """`url` instead of Stripe's own address."""
    return stripe.StripeClient(
        api_key,
        http_client=line,
        base_addresses={"api": url} if url else {},
        max_network_retries=RETRIES,
    )


async def moving(call: Callable[[], Awaitable[Result]]) -> Result:
    """A call that may move money, made once. Raises InDoubt unless it certainly did not: then Unavailable.

    What Stripe refuses it says by CardError and InvalidRequestError: those are for the caller.
    """
    return await _made(call, InDoubt)


async def harmless(call: Callable[[], Awaitable[Result]]) -> Result:
    """A call that moves no money. Raises Unavailable, CardError, InvalidRequestError."""
    return await _made(call, Unavailable)


async def settling(job: Awaitable[Result], doubted: type[MyticketError]) -> Result:
    """What the job comes to, given up when it takes longer than SETTLING: asking again finds out what it has done."""
    try:
        async with asyncio.timeout(SETTLING.total_seconds()):
            return await job
    except TimeoutError as late:
        raise doubted(f"Stripe has not answered in {SETTLING.total_seconds():g} s") from late


async def _made(call: Callable[[], Awaitable[Result]], doubted: type[MyticketError]) -> Result:
    try:
        return await call()
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except (stripe.RateLimitError, stripe.AuthenticationError, stripe.PermissionError) as error:
        raise Unavailable(f"Stripe takes no call of ours: {said(error)}", SOON) from error
    except stripe.APIConnectionError as error:
        unsent = isinstance(error.__cause__, NEVER_SENT)
        kind = Unavailable if unsent else doubted
        raise kind(f"Stripe cannot be reached: {type(error.__cause__ or error).__name__}") from error
    except stripe.StripeError as error:  # 5xx, and 409: another call with this key is under way
        raise doubted(f"Stripe gave no answer that settles it: {said(error)}") from error


def said_again(error: BaseException | None) -> bool:
    """Whether Stripe has only repeated what it answered to an earlier call with the idempotency key: that one is over.

    It does so for a day at least, after a refusal and a 500 too, and does nothing (docs.stripe.com/error-low-level).
    """
    return isinstance(error, stripe.StripeError) and (error.headers or {}).get("Idempotent-Replayed") == "true"


def nth(start: str, number: int) -> str:
    """How the idempotency key of that number begins; the first is that of earlier versions, which had no other."""
    return start if number == 1 else f"{start}-{number}"


def said(error: stripe.StripeError) -> str:
    """In one line, without the request's number, so that the same refusal is told alike."""
    return " ".join((error.user_message or type(error).__name__).split())
