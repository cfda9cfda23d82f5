"""What an extra is for can be imported with that extra alone, and is typed for whoever imports it."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest
from packaging.requirements import Requirement

from apps.failures import BROUGHT, told
from tests.architecture.tree import ROOT, SRC

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FOR = {
    "rest": "adapters.rest",
    "graphql": "adapters.graphql",
    "sqlite": "adapters.persistence.sqlite",
    "postgres": "adapters.persistence.postgres",
    "kafka": "adapters.kafka",
    "mongo": "adapters.persistence.mongo",
    "stripe": "adapters.providers.stripe_provider",
    "web": "adapters.web.site",
    "email": "adapters.notify.email",
    "push": "adapters.notify.web_push",
    "cli": "apps.cli",
}
WITHOUT = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError("this extra does not bring " + name, name=name)
sys.meta_path.insert(0, Hidden())
import {module}
"""


def alone(extra: str, module: str) -> str:
    """What is said of an import where nothing is installed but myticket with the extra; nothing when it succeeds.

    "none" is no extra.
    """
    brought = brings([*PROJECT["dependencies"], *PROJECT["optional-dependencies"].get(extra, ())])
    hidden = {name for name, owners in packages_distributions().items() if not brought & set(map(canonical, owners))}
    program = WITHOUT.format(hidden=hidden - {"myticket_core", "adapters", "apps"}, module=module)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60).stderr


def brings(needs: Iterable[str], extra: str = "") -> set[str]:
    """The distributions that are installed for these, and for what these need."""
    wanted = [it for it in map(Requirement, needs) if it.marker is None or it.marker.evaluate({"extra": extra})]
    return {canonical(it.name) for it in wanted}.union(
        *(needed(it.name, extra) for it in wanted for extra in ("", *it.extras))
    )


@cache
def needed(name: str, extra: str) -> frozenset[str]:
    try:
        return frozenset(brings(requires(name) or (), extra))
    except PackageNotFoundError:  # of another platform
        return frozenset()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_extra_is_for_something():
    assert PROJECT["optional-dependencies"].keys() == {*FOR, "all"}


@pytest.mark.parametrize("extra, module", FOR.items())
def test_an_extra_brings_all_that_its_adapter_imports(extra, module):
    assert alone(extra, module) == ""


def test_what_an_extra_does_not_bring_is_seen():
    assert "this extra does not bring sqlalchemy" in alone("kafka", "adapters.persistence")


def test_the_command_says_what_it_is_without():
    said = alone("none", "apps.__main__; apps.__main__.main()")
    assert said == "myticket: click is not installed: pip install 'myticket[cli]'\n"
    assert "installed: pip install" in alone(
        "cli", "apps.__main__, os; sys.argv[1:] = ['openapi']; apps.__main__.main()"
    )


@pytest.mark.parametrize("extra", BROUGHT)
def test_the_extra_that_is_named_brings_what_is_missing(extra):
    owners = packages_distributions()
    brought = brings(PROJECT["optional-dependencies"][extra])
    for module in BROUGHT[extra]:
        assert brought & set(map(canonical, owners[module])), module
        assert told(ModuleNotFoundError(name=f"{module}.x")).endswith(f"pip install 'myticket[{extra}]'")


def test_what_no_extra_is_known_for_is_in_all_of_them():
    assert told(ModuleNotFoundError(name="other")) == "other is not installed: pip install 'myticket[all]'"


@pytest.mark.parametrize("package", ["myticket_core", "adapters", "apps"])
def test_what_a_library_user_imports_says_that_it_is_typed(package):
    assert (SRC / package / "py.typed").is_file()
