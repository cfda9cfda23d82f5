"""What is committed is what the code says."""

import subprocess
import sys

import pytest
from attrs import evolve
from click.testing import CliRunner

from adapters.rest import payments
from apps import events
from apps.cli import cli
from tests.contracts.committed import FOLDER, generated
from tests.contracts.refresh import found

STALE = "contracts/{} is not what the code says. If the change is meant: make contracts, and look at the difference"


async def stale() -> list[str]:
    said = await generated()
    kept = {path: (FOLDER / path).read_text(encoding="utf-8") for path in found()}
    return sorted(path for path in said.keys() | kept.keys() if said.get(path) != kept.get(path))


async def test_committed_is_what_the_code_says():
    for path in await stale():
        pytest.fail(STALE.format(path))


async def test_a_changed_description_is_seen(monkeypatch):
    monkeypatch.setattr(payments, "EXAMPLE", evolve(payments.EXAMPLE, price=1))
    assert await stale() == ["openapi/pay.json"]


async def test_a_changed_event_is_seen(monkeypatch):
    monkeypatch.setitem(events.STATUSES, "BookCanceled", ("CANCELED",))
    assert await stale() == ["asyncapi.yaml", "events/BookCanceled.schema.json"]


def test_asyncapi_is_printed():
    assert CliRunner().invoke(cli, ["asyncapi"]).stdout == (FOLDER / "asyncapi.yaml").read_text(encoding="utf-8")


def test_openapi_does_not_depend_on_how_this_process_hashes():
    """Litestar keeps the operations of a path in a set: `ticket` has paths with four of them."""
    words = (sys.executable, "-m", "apps.cli", "openapi", "ticket")
    said = {subprocess.check_output(words, env={"PYTHONHASHSEED": seed}) for seed in "123"}
    assert len(said) == 1
