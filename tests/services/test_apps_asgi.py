"""A service in a server of somebody else's."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import uvicorn

from apps import asgi
from apps.door import NotOutside
from apps.places import SERVICES
from apps.server import listen


@pytest.fixture
def environ(monkeypatch, tmp_path):
    monkeypatch.setenv("MYTICKET_DATA", str(tmp_path))
    monkeypatch.setenv("MYTICKET_AUTH", "off")
    monkeypatch.setenv("MYTICKET_TRUSTED_MESH", "1")


def test_there_is_one_of_each_service(environ):
    assert [getattr(asgi, name)()._service for name in SERVICES] == list(SERVICES)


def test_development_tokens_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MYTICKET_DATA", str(tmp_path))
    with pytest.raises(NotOutside, match="OIDC_ISSUER"):
        asgi.ticket()


async def test_it_works_from_start_up_to_shut_down(environ):
    server = uvicorn.Server(uvicorn.Config("apps.asgi:ticket", factory=True, lifespan="on", log_config=None))
    with listen("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as http:
            made = await http.post("/tickets", json={"price": 1, "companyId": 1})
            assert made.status_code == 201
            assert (await http.get("/readyz")).json() == {"status": "UP"}
        server.should_exit = True
        await serving


async def test_what_cannot_start_says_why(environ, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.sqlite")
    sent = []

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        sent.append(message)

    with pytest.raises(Exception, match="cannot be opened"):
        await asgi.ticket()({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert "/nowhere/at/all.sqlite cannot be opened" in sent[0]["message"]
