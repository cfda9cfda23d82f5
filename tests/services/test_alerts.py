"""k8s/alerts.yaml speaks of figures that /metrics shows, by the names and labels it shows them with, and says the same
of any number of replicas.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.rest import Metrics
from apps.places import SERVICES
from apps.running import running
from apps.settings import Settings

FILE = Path(__file__).parents[2] / "k8s" / "alerts.yaml"
RULES = [rule for group in msgspec.yaml.decode(FILE.read_bytes())["groups"] for rule in group["rules"]]
SELECTOR = re.compile(r"(myticket_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)="([^"]*)"')
BY = re.compile(r"by \((\w+)\)")
ABSENT = re.compile(r"absent\(\w+\{([^}]*)\}\)")
SUMMED = re.compile(r"sum(?: by \(\w+\))? ?\((myticket_\w+)")
"""What each replica shows is added up as it is, neither a rate nor the largest of each."""
OF_EACH = {"myticket_events_behind"}
"""What a replica says of its own share: of ten that are as far behind none says how far they are."""
NOT_SEEN_AT_REST = {("status", "500")}
"""A label that only trouble gives a value."""

Samples = Mapping[str, list[Mapping[str, str]]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return asyncio.run(_shown(tmp_path_factory))


async def _shown(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """By all services in one process; and by book alone, which asks pay over HTTP."""
    samples: dict[str, list[Mapping[str, str]]] = {}
    together = Settings(data=tmp_path_factory.mktemp("all"), smtp_url="smtp://127.0.0.1:9")
    alone = Settings(data=tmp_path_factory.mktemp("book"), api_url_payment="http://127.0.0.1:9")
    last = "myticket_refunds{", "myticket_outbox_oldest_seconds{"
    for settings, services, figure in ((together, SERVICES, last[0]), (alone, ("book",), last[1])):
        async with running(settings, services, "http://here") as it:
            it.probes.metrics.answered("GET", "/tickets", 200, 0.1)
            text = await _once_looked(it.probes.metrics, figure)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                samples.setdefault(sample.name, []).append(sample.labels)
    return samples


async def _once_looked(metrics: Metrics, last: str) -> str:
    """Some figures are read from the store every few seconds, for the first time soon after the start."""
    async with asyncio.timeout(60):
        while last not in (text := metrics.exposition().decode()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return text


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_is_about_what_is_shown(rule: Any, shown: Samples) -> None:
    assert wrong(rule["expr"], shown) == []
    assert rule["labels"]["severity"] in ("page", "warn")
    assert rule["annotations"].keys() == {"summary", "description"}
    assert set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) <= _kept(rule["expr"])


def _kept(expression: str) -> set[str]:
    """The labels that its result has: those it is taken by, and those by which something is missed."""
    absent = [LABEL.findall(labels) for labels in ABSENT.findall(expression)]
    return {*BY.findall(expression), *(label for labels in absent for label, _ in labels)}


def wrong(expression: str, shown: Samples) -> list[str]:
    found = SELECTOR.findall(expression)
    assert found, "a rule about nothing"
    missing = [name for name, _ in found if name not in shown]
    asked = [(name, *label) for name, labels in found for label in LABEL.findall(labels)]
    asked = [it for it in asked if it[1:] not in NOT_SEEN_AT_REST and it[0] in shown]
    missing += [f"{name}{{{label}={value}}}" for name, label, value in asked if not _has(shown[name], label, value)]
    by = [(name, label) for name, _ in found for label in BY.findall(expression) if name in shown]
    return missing + [f"{name} by {label}" for name, label in by if not any(label in it for it in shown[name])]


def _has(samples: list[Mapping[str, str]], label: str, value: str) -> bool:
    return any(labels.get(label) == value for labels in samples)


@pytest.mark.parametrize(
    "planted",
    [
        'sum(myticket_refunds_total{status="FAILED"})',
        'sum(myticket_refunds{status="BROKEN"})',
        'sum(myticket_refunds{state="FAILED"})',
        "max by (kind) (myticket_parked_keys)",
    ],
)
def test_a_rule_about_something_else_is_noticed(planted: str, shown: Samples) -> None:
    assert wrong(planted, shown)


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_more_replicas_are_not_more_trouble(rule: Any) -> None:
    assert set(SUMMED.findall(rule["expr"])) == OF_EACH & {name for name, _ in SELECTOR.findall(rule["expr"])}


@pytest.mark.parametrize("planted", ["sum(myticket_doubts) > 50", "sum by (status) (myticket_refunds) > 0"])
def test_what_every_replica_shows_is_not_added_up(planted: str) -> None:
    assert SUMMED.findall(planted)


def test_each_service_is_missed_when_it_is_not_there() -> None:
    """Of a service that does not run there are no figures, and no other rule speaks."""
    missed = [LABEL.findall(labels) for rule in RULES for labels in ABSENT.findall(rule["expr"])]
    assert sorted(missed) == sorted([("service", name)] for name in SERVICES)


def test_the_first_of_a_kind_is_noticed() -> None:
    """The rate of a count that begins at 1 is 0 until there is a second one."""
    rated = re.compile(r"(?:rate|increase)\((\w+\{[^}]*\})\[(\w+)\]\)")
    found = [(rule["expr"], *it) for rule in RULES for it in rated.findall(rule["expr"])]
    assert found
    assert all(f"{series} unless {series} offset {span}" in expr for expr, series, span in found)


BRIEF = {"myticket_circuit_state": "open for 4 s at most", "myticket_worker_silent_seconds": "until it is restarted"}
OVER = re.compile(r"max_over_time\((myticket_\w+)(?:\{[^}]*\})?\[(\d+)m\]\)")


@pytest.mark.parametrize("figure", BRIEF)
def test_what_comes_and_goes_is_noticed_when_it_does_so_again_and_again(figure: str) -> None:
    """Whatever a look just meets; and having met it once is not enough."""
    (rule,) = (rule for rule in RULES if figure in rule["expr"])
    ((over, minutes),) = OVER.findall(rule["expr"])
    assert over == figure
    assert 2 <= int(minutes) < int(rule["for"].removesuffix("m"))


def test_no_two_rules_have_a_name() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names)) >= 10
