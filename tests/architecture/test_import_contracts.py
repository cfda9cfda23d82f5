"""The import contracts of pyproject.toml hold, and each one fails on an import planted against it."""

import os
import shutil
import subprocess
import sys
import tomllib
from itertools import permutations
from pathlib import Path

import pytest

from tests.architecture.core_rules import CONTEXTS
from tests.architecture.tree import ROOT, SRC

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
EVENTS_NOBODY_MAY_KNOW = [
    (context, other)
    for context, other in permutations(CONTEXTS, 2)
    if context in ("ticket", "booking", "payment")
    and (context, other) not in {("ticket", "booking"), ("booking", "ticket"), ("payment", "booking")}
]

# contract id → (importing module, imported module), each of which must be reported
PLANTED = {
    "layers": [
        ("myticket_core.planted", "adapters.memory.target"),
        ("myticket_core.planted", "apps.target"),
        ("adapters.memory.planted", "apps.target"),
    ],
    "adapters": [("adapters.rest.planted", "adapters.persistence.target")],
    "contexts": [
        *((f"myticket_core.{a}.planted", f"myticket_core.{b}.target") for a, b in permutations(CONTEXTS, 2)),
        *((f"myticket_core.{a}.planted", f"myticket_core.{b}.events") for a, b in EVENTS_NOBODY_MAY_KNOW),
    ],
    "shared": [
        ("myticket_core.messages", "myticket_core.booking.target"),
        ("myticket_core.position", "myticket_core.booking.target"),
    ],
    "conformance": [
        ("myticket_core.booking.planted", "myticket_core.conformance.target"),
        ("adapters.memory.planted", "myticket_core.conformance.target"),
    ],
    "injector": [
        ("adapters.rest.planted", "dependency_injector"),
        ("myticket_core.booking.planted", "dependency_injector"),
    ],
    "kafka": [
        ("adapters.rest.planted", "kafka"),
        ("apps.planted", "kafka"),
        ("adapters.persistence.planted", "threading"),
        ("myticket_core.planted", "threading"),
    ],
    "mongo": [
        ("adapters.persistence.mongo.planted", "pymongo"),
        ("adapters.persistence.planted", "bson"),
        ("apps.planted", "motor"),
    ],
}
FROM_OUTSIDE = {"bson", "dependency_injector", "kafka", "motor", "pymongo", "threading"}


CONTRACT = {contract["id"]: contract for contract in CONTRACTS}


def test_the_contracts_know_every_context():
    """Of one that they do not, nothing would be held."""
    contexts = {file.parent.name for file in (SRC / "myticket_core").glob("*/policies.py")}
    assert set(CONTEXTS) == contexts
    assert set(CONTRACT["contexts"]["modules"]) == {f"myticket_core.{context}" for context in contexts}


def test_they_know_all_that_contexts_share():
    above, shared = (set(layer.split(" : ")) for layer in CONTRACT["shared"]["layers"])
    assert above == set(CONTEXTS)
    assert shared == {file.stem for file in (SRC / "myticket_core").glob("*.py")} - {"__init__"}


def test_the_contracts_hold():
    ran = _lint(ROOT)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_a_planted_import_breaks_the_contract(contract, tmp_path):
    _copy_to(tmp_path)
    for importer, imported in PLANTED[contract["id"]]:
        _plant(tmp_path / "src", importer, imported)
    ran = _lint(tmp_path, "--contract", contract["id"])
    assert ran.returncode == 1
    assert f"{contract['name']} BROKEN" in ran.stdout
    links = [f"{importer} -> {imported}" for importer, imported in PLANTED[contract["id"]]]
    assert [link for link in links if link not in ran.stdout] == []


def _copy_to(folder: Path) -> None:
    shutil.copytree(SRC, folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("apps", "adapters", *(f"myticket_core.{context}" for context in CONTEXTS)):
        _module(folder / "src", f"{package}.target")


def _plant(src: Path, importer: str, imported: str) -> None:
    if imported not in FROM_OUTSIDE:
        _module(src, imported)
    with _module(src, importer).open("a") as file:
        file.write(f"\nimport {imported}\n")


def _module(src: Path, name: str) -> Path:
    """The file of module `name`, made if need be, with the packages it is in."""
    file = src.joinpath(*name.split(".")).with_suffix(".py")
    file.parent.mkdir(parents=True, exist_ok=True)
    for package in (file.parent, *file.parent.parents):
        if package == src:
            break
        (package / "__init__.py").touch()
    file.touch()
    return file


def _lint(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """import-linter over root/src; what stands there comes before what is installed."""
    program = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
    options = ("--config", str(root / "pyproject.toml"), "--no-cache", "--no-logo", *options)
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "1000", "NO_COLOR": "1"}
    command = [sys.executable, "-c", program, *options]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=60)
