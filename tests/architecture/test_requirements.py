"""The locked requirements say what pyproject.toml says, for everybody, and nothing about this machine."""

import re
import tomllib

import pytest

from tests.architecture.tree import ROOT

LOCKS = ["run", "dev"]
PINNED = re.compile(r"^(?P<name>[\w.-]+)(\[[\w,-]+\])?==(?P<version>[^\s;]+)", re.MULTILINE)
ONLY_BEFORE_A_RELEASE = {"secantusdb"}
"""For tests, and there is no release yet."""
PRE_RELEASE = re.compile(r"\d(a|b|rc|\.dev)\d*", re.IGNORECASE)


def test_the_run_requirements_are_the_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = [
        *project["dependencies"],
        *(need for name in extras if name != "all" for need in extras[name]),
    ]
    assert sorted(_lines("run.in")) == sorted(set(declared))


def test_all_is_every_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = extras["all"][0].removeprefix("myticket[").removesuffix("]").split(",")
    assert sorted(named) == sorted(extras.keys() - {"all"})


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_is_a_release(lock):
    blocks = re.split(r"\n(?=\w)", _text(f"{lock}.txt"))[1:]
    assert [block for block in blocks if not PINNED.match(block) or "--hash=sha256:" not in block] == []
    early = {name for name, version in _pins(f"{lock}.txt") if PRE_RELEASE.search(version)}
    assert early <= (ONLY_BEFORE_A_RELEASE if lock == "dev" else set())


@pytest.mark.parametrize("file", ["run.in", "run.txt", "dev.in", "dev.txt"])
def test_no_address_and_no_path_of_a_machine(file):
    assert re.findall(r"://|--index|--extra-index|--find-links|(?:^|\s)/\w+", _text(file)) == []


def test_dev_pins_what_run_pins():
    run, dev = (dict(_pins(f"{lock}.txt")) for lock in LOCKS)
    assert run.items() <= dev.items()


def _pins(file: str) -> list[tuple[str, str]]:
    return [(pin["name"], pin["version"]) for pin in PINNED.finditer(_text(file))]


def _lines(file: str) -> list[str]:
    return [line for line in _text(file).splitlines() if line and not line.startswith("#")]


def _text(file: str) -> str:
    return (ROOT / "requirements" / file).read_text()
