"""Where the graph is served: with the extra, unless a setting says otherwise; and nobody else pays for it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.system import SystemClock
from apps import graphs
from apps.failures import CannotRun
from apps.settings import Settings
from tests.services.graphql_world import GraphWorld


def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert graphs.served(Settings(graphql=False), {}, []) is None
    assert graphs.served(Settings(), {}, []) is not None
    monkeypatch.setattr(graphs, "find_spec", lambda name: None)
    assert graphs.served(Settings(), {}, []) is None


@pytest.mark.parametrize(
    "said, opened", [({}, True), ({"oidc_issuer": "https://id.example"}, False), ({"auth": False}, False)]
)
def test_the_schema_is_open_with_development_tokens_only(said: dict[str, object], opened: bool) -> None:
    assert graphs.graph(Settings(**said), graphs.use_cases({}, []), [], SystemClock()).open is opened  # type: ignore[arg-type]


def test_a_wrong_file_of_operations_stops_the_start(tmp_path: Path) -> None:
    file, document = tmp_path / "operations.json", "{ __typename }"
    file.write_text(json.dumps({sha256(document.encode()).hexdigest(): document}))
    settings = Settings(graphql_operations=file, graphql_only_operations=True)
    made = graphs.graph(settings, graphs.use_cases({}, []), [], SystemClock())
    assert (list(made.operations.values()), made.closed) == ([document], True)
    for text in (json.dumps({"ab": document}), "no JSON", "\\xff"):
        file.write_bytes(text.encode("latin-1").replace(b"\\xff", b"\xff"))
        with pytest.raises(CannotRun, match="GRAPHQL_OPERATIONS"):
            graphs.graph(settings, graphs.use_cases({}, []), [], SystemClock())


NEW, OLD = "application/graphql-response+json", "application/json"


@pytest.mark.parametrize(
    "accept, wanted",
    [
        (NEW, NEW),
        (f"{NEW};charset=utf-8", NEW),
        (f"{NEW}, {OLD};q=0.9", NEW),
        (f"{NEW};q=0.1, {OLD}", OLD),
        (f"{NEW};q=0, */*", OLD),
        ("*/*", OLD),
        (None, OLD),
    ],
)
async def test_it_answers_in_the_type_that_is_asked_for(accept: str | None, wanted: str) -> None:
    headers = {} if accept is None else {"Accept": accept}
    for query, status in (("{ __typename }", 200), ("{ nothing }", 400), ("{", 400)):
        answer = await GraphWorld().ask(None, "POST", "/graphql", {"query": query}, headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, f"{wanted};charset=UTF-8")
        assert ("data" in answer.json()) is (status == 200)


async def test_what_is_not_spoken_is_refused() -> None:
    headers = {"Accept": "application/hal+json"}
    answer = await GraphWorld().ask(None, "POST", "/graphql", {"query": "{ __typename }"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert answer.json()["allowed"] == f"{OLD} or {NEW}"
