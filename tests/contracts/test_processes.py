"""The provider processes keep what their consumers were promised, over PostgreSQL, documents and Kafka."""

import asyncio
import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from scripts.installation import Installation
from tests.contracts.process import Process
from tests.contracts.test_providers import PACTS
from tests.contracts.verifying import verified

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, mongodb_url: str, kafka: str
) -> Iterator[Installation]:
    """Databases for all of them, one after the other."""
    at = {"postgres": postgres_url, "mongodb": mongodb_url, "kafka": kafka}
    made = Installation(data=tmp_path_factory.mktemp("data"), name=f"contracts_{uuid4().hex[:12]}", **at)
    asyncio.run(made.make())
    yield made
    asyncio.run(made.drop())


@pytest.fixture(scope="module", params=[name for name, pacts in PACTS.items() if pacts])
def process(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, made: Installation
) -> Iterator[Process]:
    running = Process(request.param, tmp_path_factory.mktemp(request.param), made)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def test_what_was_promised_is_kept_by_the_process(process: Process) -> None:
    assert verified(process, *PACTS[process.name]) == []
    process.away()
    asked = next(pact for pact in PACTS[process.name] if pact.name.startswith("demo-"))
    one = json.loads(asked.read_text(encoding="utf-8"))["interactions"][0]["description"]
    assert verified(process, asked, only=one) != [], "it was not the process that answered"
