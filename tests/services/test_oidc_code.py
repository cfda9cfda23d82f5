"""What a provider that people sign in with is asked, and how often while it is away or busy."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.oidc.code import CodeFlow
from adapters.oidc.discovery import AWAY
from apps.environment import load
from apps.places import SERVICES
from apps.web import pages
from apps.web_asking import InProcess
from myticket_core.errors import Unauthenticated, Unavailable
from tests.services.http_stub import Stub, says, stub

GOOD = {"access_token": "a.b.c", "token_type": "Bearer"}


def document(url: str) -> dict[str, str]:
    return {"issuer": url, "authorization_endpoint": f"{url}/in", "token_endpoint": f"{url}/token"}


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def flow(provider: Stub, now: Time | None = None) -> CodeFlow:
    return CodeFlow(provider.url, "pages", "secret", now or Time())


async def address(flow: CodeFlow) -> str:
    return await flow.address("https://tickets.example/back", "state", "challenge")


async def token(flow: CodeFlow) -> str:
    return await flow.token("code", "verifier", "https://tickets.example/back")


async def test_one_connection_is_for_all_who_sign_in_and_keeps_nobodys_cookie() -> None:
    async with stub() as provider:
        provider.acts = says(200, document(provider.url)), says(200, GOOD, Set_Cookie="theirs=1; Path=/")
        asked = flow(provider)
        assert [await token(asked) for _ in range(3)] == ["a.b.c"] * 3
        await asked.close()
    assert provider.connections == 1
    assert [it.line for it in provider.asked[1:]] == ["POST /token HTTP/1.1"] * 3
    assert not any("cookie" in it.headers for it in provider.asked)


async def test_a_provider_that_is_away_is_asked_once_however_many_sign_in_and_again_after_a_while() -> None:
    time = Time()
    async with stub() as provider:
        provider.acts = says(503), says(200, document(provider.url))
        asked = flow(provider, time)
        many = await asyncio.gather(*(address(asked) for _ in range(50)), return_exceptions=True)
        assert [type(it) for it in many] == [Unavailable] * 50
        time.now += AWAY - 0.1
        with pytest.raises(Unavailable, match="503"):
            await token(asked)
        assert len(provider.asked) == 1
        time.now += 0.1
        assert (await address(asked)).startswith(f"{provider.url}/in?")
        await asked.close()
    assert len(provider.asked) == 2


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (429, {"error": "slow_down"}, Unavailable),
        (503, {"error": "temporarily_unavailable"}, Unavailable),
        (500, b"<html>", Unavailable),
        (429, b"", Unavailable),
        (400, {"error": "invalid_grant"}, Unauthenticated),
        (200, {"token_type": "Bearer"}, Unauthenticated),
    ],
)
async def test_a_provider_that_is_busy_refuses_nobody(status: int, said: object, error: type[Exception]) -> None:
    async with stub() as provider:
        provider.acts = says(200, document(provider.url)), says(status, said)
        asked = flow(provider)
        with pytest.raises(error):
            await token(asked)
        await asked.close()


async def test_its_connections_are_closed_with_the_pages(tmp_path: Path) -> None:
    async with stub() as provider, AsyncExitStack() as closing:
        provider.acts = (says(200, document(provider.url)),)
        said = {"OIDC_ISSUER": provider.url, "OIDC_CLIENT_ID": "pages", "OIDC_CLIENT_SECRET": "x"}
        settings = load({"MYTICKET_DATA": str(tmp_path), **said})
        site = pages(settings, SERVICES, InProcess(), "https://tickets.example", closing)["/web"].site
        await site.provider.address("https://tickets.example/back", "state", "challenge", False)
        http = site.provider.flow._http
        assert not http.closed
        await closing.aclose()
        assert http.closed
