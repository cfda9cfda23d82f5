"""docs/running.md tells every setting as it is read, every port, and messages that there are."""

import re
from pathlib import Path

import attrs
import pytest

from adapters.persistence.postgres import READERS
from adapters.rest.probes import OPEN
from apps.cli import PORTS, cli
from apps.environment import shown
from apps.settings import Settings
from tests.services.container_files import COMPOSE, last_stage

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
SOURCES = [file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py")]


def section(title: str) -> list[list[str]]:
    """The cells of its table, without the head."""
    text = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace(r"\|", "|") for cell in row] for row in rows[2:]]


def told(attribute, default: str | None) -> list[str]:
    name, how = named(attribute), attribute.metadata
    names = [f"`{name}`"]
    names += [f"`{name}_FILE`"] if how["secret"] else []
    names += [f"`{how['spring']}`"] if how["spring"] else []
    return [", ".join(names), f"`{default}`" if default else "", allowed(how["read"])]


def named(attribute) -> str:
    return attribute.name.upper() if attribute.metadata["plain"] else f"MYTICKET_{attribute.name.upper()}"


def allowed(read) -> str:
    """What the reader says of a line break; a folder may be called that, but may not be a file."""
    for wrong in ("\n", __file__):
        try:
            read(wrong)
        except ValueError as error:
            return str(error)
    raise AssertionError("everything is allowed")


def test_the_table_of_settings_is_what_is_read(monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    defaults = {name: value and value.replace(str(Path.home()), "~") for name, value, _ in shown(Settings())}
    read = [attribute for attribute in attrs.fields(Settings) if "read" in attribute.metadata]
    expected = [told(attribute, defaults[named(attribute)]) for attribute in read]
    table = section("Settings")
    assert [row[:3] for row in table] == expected
    assert [row for row in table if not row[3]] == []


def test_the_probes_are_the_paths_that_need_no_token():
    probes = {row[0].strip("`") for row in section("Probes")}
    assert probes == {path for path in OPEN if not path.startswith(("/schema", "/.well-known"))}


@pytest.mark.parametrize("row", section("In trouble"), ids=lambda row: row[0][:40])
def test_what_it_quotes_is_said_somewhere(row):
    for quoted in re.findall(r"`([^`]+)`", row[0]):
        assert any(quoted in source for source in SOURCES), quoted


def test_ports_are_those_of_serve():
    assert ", ".join(f"{name} {PORTS[name]}" for name in sorted(PORTS, key=PORTS.get)) in PAGE


def test_figures_are_those_of_the_code():
    assert f"at most {READERS + 2} of PostgreSQL's" in PAGE
    probe = next(step.text for step in last_stage() if step.name == "HEALTHCHECK")
    assert "--start-period=30s" in probe
    assert "image: 30 s" in PAGE


def test_the_readme_lists_every_command():
    listed = (ROOT / "README.md").read_text(encoding="utf-8").partition("lists the operations: ")[2].partition(". ")[0]
    assert sorted(re.findall(r"`([^`]+)`", listed)) == sorted(cli.commands)


def test_what_it_runs_in_compose_is_there():
    assert "docker compose run --rm tools myticket audit" in PAGE
    assert COMPOSE["services"]["tools"]["profiles"] == ["tools"]
