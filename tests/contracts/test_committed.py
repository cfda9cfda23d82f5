"""What is committed is what the code says."""

import subprocess
import sys

import pytest
from attrs import evolve
from click.testing import CliRunner

from adapters.graphql.payments import Payment
from adapters.rest import payments
from apps import event_schemas
from apps.cli import cli
from tests.contracts.committed import agreed, described, differing, kept_descriptions, kept_pacts
from tests.contracts.written import FOLDER

STALE = "contracts/{} is not what the code says. If the change is meant: make contracts, and look at the difference"


def told(stale: list[str]) -> None:
    for path in stale:
        pytest.fail(STALE.format(path))


async def test_the_descriptions_are_what_the_code_says():
    told(differing(await described(), kept_descriptions()))


async def test_the_pacts_are_what_the_consumers_say():
    """Each consumer's own code is tried with its side of every pact while the pact is made; twice makes the same."""
    said = await agreed()
    assert said == await agreed()
    told(differing(said, kept_pacts()))


async def test_a_changed_description_is_seen(monkeypatch):
    monkeypatch.setattr(payments, "EXAMPLE", evolve(payments.EXAMPLE, price=1))
    assert differing(await described(), kept_descriptions()) == ["openapi/pay.json"]


async def test_a_changed_event_is_seen(monkeypatch):
    monkeypatch.setitem(event_schemas.STATUSES, "BookCanceled", ("CANCELED",))
    seen = differing(await described(), kept_descriptions())
    assert seen == ["asyncapi.yaml", "events/BookCanceled.schema.json"]


def test_asyncapi_is_printed():
    assert CliRunner().invoke(cli, ["asyncapi"]).stdout == (FOLDER / "asyncapi.yaml").read_text(encoding="utf-8")


async def test_a_changed_graph_is_seen(monkeypatch):
    (field,) = (it for it in Payment.__strawberry_definition__.fields if it.python_name == "reason")
    monkeypatch.setattr(field, "description", "another one")
    assert differing(await described(), kept_descriptions()) == ["graphql/all.graphql", "graphql/pay.graphql"]


@pytest.mark.parametrize("words", [["pay"], []])
def test_the_graph_is_printed(words):
    kept = FOLDER / "graphql" / f"{words[0] if words else 'all'}.graphql"
    assert CliRunner().invoke(cli, ["graphql-schema", *words]).stdout == kept.read_text(encoding="utf-8")


def test_openapi_does_not_depend_on_how_this_process_hashes():
    """Litestar keeps the operations of a path in a set: `ticket` has paths with four of them."""
    words = (sys.executable, "-m", "apps.cli", "openapi", "ticket")
    said = {subprocess.check_output(words, env={"PYTHONHASHSEED": seed}) for seed in "12"}
    assert len(said) == 1
