"""The keys of an OpenID provider, asked over HTTP; whatever is wrong with the answer, it is Unavailable."""

import json
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from adapters.oidc import HttpJwks
from adapters.oidc.code import CodeFlow
from adapters.rest import TokenVerifier, TrustedMesh
from apps.settings import Settings
from apps.tokens import believed
from myticket_core.errors import Unavailable

KEYS = {"keys": [{"kid": "1"}]}


@asynccontextmanager
async def provider(**documents):
    """An issuer that answers `/name` with the document of that name; in it, ISSUER is where it is."""

    async def answer(request):
        name = request.path.rpartition("/")[2].replace("-", "_")
        if name not in documents:
            raise web.HTTPFound("/elsewhere")
        return web.Response(text=documents[name].replace("ISSUER", f"http://{request.host}"))

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_the_keys_are_where_it_is_told():
    async with provider(jwks=json.dumps(KEYS)) as issuer:
        assert await HttpJwks(issuer, f"{issuer}/jwks").fetch() == KEYS


async def test_the_keys_are_where_the_issuer_says():
    async with provider(jwks=json.dumps(KEYS)) as keys:
        discovery = json.dumps({"issuer": "ISSUER", "jwks_uri": f"{keys}/jwks"})
        async with provider(openid_configuration=discovery) as issuer:
            assert await HttpJwks(issuer).fetch() == KEYS


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"issuer": "ISSUER/"},
        {"issuer": None},
        {"jwks_uri": "http://login.example/jwks"},
        {"jwks_uri": "http://[/jwks"},
        {"authorization_endpoint": "http://login.example/in"},
        {"token_endpoint": "javascript:alert()"},
        {"token_endpoint": None},
    ],
)
async def test_a_document_of_another_issuer_or_that_leads_over_an_open_line_is_not_followed(said):
    """OpenID Connect Discovery 1.0, 4.3: else who answers for the document says whose keys count."""
    whole = dict.fromkeys(("jwks_uri", "authorization_endpoint", "token_endpoint"), "ISSUER/jwks")
    for document, held in (({"issuer": "ISSUER", **whole}, True), ({"issuer": "ISSUER", **whole, **said}, False)):
        async with provider(jwks=json.dumps(KEYS), openid_configuration=json.dumps(document)) as issuer:
            flow = CodeFlow(issuer, "pages", "secret")
            async with AsyncExitStack() as closing:
                closing.push_async_callback(flow.close)
                for it in (HttpJwks(issuer).fetch(), flow.address("back", "state", "challenge")):
                    if held:
                        assert await it
                    else:
                        with pytest.raises(Unavailable, match=r"issuer|https"):
                            await it


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"keys": 1}', "\udcff"])
async def test_what_is_no_key_set_is_unavailable(text):
    async with provider(jwks=text.encode("utf-8", "surrogateescape").decode("latin-1")) as issuer:
        with pytest.raises(Unavailable):
            await HttpJwks(issuer, f"{issuer}/jwks").fetch()


async def test_nobody_there_or_somewhere_else_is_unavailable():
    async with provider() as issuer:
        with pytest.raises(Unavailable):
            await HttpJwks(issuer).fetch()
    with pytest.raises(Unavailable):
        await HttpJwks(issuer).fetch()


def test_the_settings_say_who_is_believed(tmp_path):
    assert isinstance(believed(Settings(data=tmp_path, auth=False))[0], TrustedMesh)
    development, routes = believed(Settings(data=tmp_path))
    assert isinstance(development, TokenVerifier)
    assert len(routes) == 1
    outside, routes = believed(Settings(data=tmp_path, oidc_issuer="https://login.example", oidc_audience="us"))
    assert isinstance(outside, TokenVerifier)
    assert (outside.issuer, outside.audience, routes) == ("https://login.example", "us", [])
