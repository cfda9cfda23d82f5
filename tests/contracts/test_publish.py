"""The pacts reach a broker, where there is one."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.contracts import publish
from tests.contracts.written import FOLDER


class Broker(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, self.headers["Authorization"], json.loads(body)))  # type: ignore[attr-defined]
        self.send_response(201 if self.headers["Authorization"] != "Bearer wrong" else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def broker() -> Iterator[Any]:
    with HTTPServer(("127.0.0.1", 0), Broker) as server:
        server.taken = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_every_pact_is_published_as_this_version(broker: Any) -> None:
    environ = {"PACT_BROKER_BASE_URL": f"http://127.0.0.1:{broker.server_port}/", "PACT_BROKER_TOKEN": "secret"}
    told = publish.published(FOLDER / "pacts", "abc", environ)
    files = sorted((FOLDER / "pacts").glob("*.json"))
    assert len(told) == len(broker.taken) == len(files) > 10
    for file, (path, authorization, body) in zip(files, broker.taken, strict=True):
        assert body == json.loads(file.read_text(encoding="utf-8"))
        provider, consumer = body["provider"]["name"], body["consumer"]["name"]
        assert path == f"/pacts/provider/{provider}/consumer/{consumer}/version/abc"
        assert authorization == "Bearer secret"


def test_a_broker_that_refuses_is_an_error(broker: Any) -> None:
    environ = {"PACT_BROKER_BASE_URL": f"http://127.0.0.1:{broker.server_port}", "PACT_BROKER_TOKEN": "wrong"}
    with pytest.raises(HTTPError) as refused:
        publish.published(FOLDER / "pacts", "abc", environ)
    refused.value.close()
    assert len(broker.taken) == 1


def test_without_a_broker_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACT_BROKER_BASE_URL", raising=False)
    with pytest.raises(SystemExit, match="PACT_BROKER_BASE_URL is not set"):
        publish.main()
