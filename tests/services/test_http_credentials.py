"""The token a service shows to another: fetched once however many need it, kept until shortly before its end."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import parse_qs

import pytest

from adapters.oidc import ClientCredentials
from myticket_core.errors import Unavailable
from tests.services.http_stub import breaks, says, stub

GOOD = {"access_token": "a.b.c", "token_type": "Bearer", "expires_in": 300}
BASIC = base64.b64encode(b"book%3A1:s%26cret+%C3%A9").decode()


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def client(url: str, now: Time | None = None) -> ClientCredentials:
    return ClientCredentials(f"{url}/token", "book:1", "s&cret é", now or Time())


async def test_it_is_asked_for_as_rfc_6749_says():
    async with stub(says(200, GOOD)) as provider:
        asked_by = client(provider.url)
        assert await asked_by.token() == "a.b.c"
    (asked,) = provider.asked
    assert asked.line == "POST /token HTTP/1.1"
    assert asked.headers["authorization"] == f"Basic {BASIC}"
    assert parse_qs(asked.body.decode()) == {"grant_type": ["client_credentials"]}
    assert not any(secret in repr(asked_by) for secret in ("s&cret", "a.b.c"))


@pytest.mark.parametrize("seconds, kept", [(300, 269), (20, 9), (None, 29), ("300", 29), (-1, 29), (0, 29), (1.5, 0.7)])
async def test_it_is_kept_until_shortly_before_its_end(seconds, kept):
    first, time = {**GOOD, "expires_in": seconds}, Time()
    async with stub(says(200, first), says(200, GOOD | {"access_token": "next"})) as provider:
        credential = client(provider.url, time)
        assert await credential.token() == "a.b.c"
        time.now += kept
        assert await credential.token() == "a.b.c"
        assert len(provider.asked) == 1
        time.now += 2
        assert await credential.token() == "next"


async def test_many_at_once_ask_once():
    async with stub(says(200, GOOD)) as provider:
        credential = client(provider.url)
        assert await asyncio.gather(*(credential.token() for _ in range(50))) == ["a.b.c"] * 50
    assert len(provider.asked) == 1


async def test_a_failure_is_shared_and_then_over():
    async with stub(says(500), says(200, GOOD)) as provider:
        credential = client(provider.url)
        outcomes = await asyncio.gather(*(credential.token() for _ in range(20)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {Unavailable}
        assert len(provider.asked) == 1
        assert await credential.token() == "a.b.c"


async def test_who_goes_away_takes_nobody_along():
    """A provider slower than any caller's patience still gives its token to the next one."""
    asked, released = asyncio.Event(), asyncio.Event()

    async def slow(reader, writer):
        asked.set()
        await released.wait()
        await says(200, GOOD)(reader, writer)

    async with stub(slow) as provider:
        credential = client(provider.url)
        hurried, patient = asyncio.create_task(credential.token()), asyncio.create_task(credential.token())
        async with asyncio.timeout(5):
            await asked.wait()
        hurried.cancel()
        released.set()
        assert await patient == "a.b.c"
        assert hurried.cancelled()
        assert await credential.token() == "a.b.c"
    assert len(provider.asked) == 1


BAD = {
    "refused": says(401, {"error": "invalid_client"}),
    "no JSON": says(200, b"<html>"),
    "an array": says(200, [GOOD]),
    "no token": says(200, {}),
    "an empty token": says(200, GOOD | {"access_token": ""}),
    "no text": says(200, GOOD | {"access_token": 5}),
    "two headers": says(200, GOOD | {"access_token": "a\r\nb"}),
    "two words": says(200, GOOD | {"access_token": "a b"}),
    "another type": says(200, GOOD | {"token_type": "mac"}),
    "gone": breaks(),
}


@pytest.mark.parametrize("act", BAD.values(), ids=BAD)
async def test_anything_else_is_unavailable(act):
    async with stub(act) as provider:
        with pytest.raises(Unavailable) as raised:
            await client(provider.url).token()
    assert "s&cret" not in str(raised.value)
    assert f"{provider.url}/token" in str(raised.value)


async def test_a_redirect_is_not_followed():
    async with stub(says(307, Location="/elsewhere"), says(200, GOOD)) as provider:
        with pytest.raises(Unavailable):
            await client(provider.url).token()
    assert len(provider.asked) == 1


async def test_who_is_refused_is_named():
    async with stub(says(401, {"error": "invalid_client"})) as provider:
        with pytest.raises(Unavailable, match=r"OIDC_CLIENT_ID book:1 no token: 401 invalid_client"):
            await client(provider.url).token()


async def test_nobody_there_is_unavailable():
    with pytest.raises(Unavailable):
        await client("http://pay.invalid").token()
