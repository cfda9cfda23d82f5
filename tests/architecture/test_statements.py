"""SQL is written when a module is read: what somebody asked for is a parameter, and stands in no statement."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import modules

WRITTEN = {"text", "literal_column"}
"""What takes SQL as it is."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def made_later(source: str) -> Iterator[str]:
    """The calls of WRITTEN in a function, whose argument is not just a text."""
    functions = (it for it in ast.walk(ast.parse(source)) if isinstance(it, FUNCTIONS))
    for call in (it for function in functions for it in ast.walk(function) if isinstance(it, ast.Call)):
        if getattr(call.func, "id", "") in WRITTEN and not isinstance(call.args[0], ast.Constant):
            yield ast.unparse(call)


def test_no_statement_is_made_of_what_was_asked_for():
    found = {module: list(made_later(source)) for module, source in modules("adapters/persistence")}
    assert {module: calls for module, calls in found.items() if calls} == {}
    assert len(found) > 50


@pytest.mark.parametrize(
    "how", ['text(f"channel = {channel}")', "literal_column(channel)", '[text("a" + it) for it in x]']
)
def test_one_that_is_would_be_found(how):
    assert list(made_later(f"def over(channel, x):\n    return {how}\n"))
    assert list(made_later(f"over = {how}")) == []
