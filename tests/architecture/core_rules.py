"""What a module of the core may say, read from its syntax tree.

An allow-list: a deny-list misses the next library.
"""

import ast
import sys
from collections.abc import Iterator
from http import HTTPStatus

ALLOWED = sys.stdlib_module_names | {"attr", "attrs", "myticket_core"}
BEHIND_A_PORT = frozenset(
    "asyncio concurrent http logging multiprocessing os pathlib random secrets select selectors shutil signal"
    " smtplib socket sqlite3 ssl subprocess tempfile threading time urllib uuid".split()
)
CLOCK_READINGS = {"now", "utcnow", "today"}
# Not the round hundreds, which are lengths and batch sizes too: who speaks HTTP says 201 or 409 soon enough.
STATUS_CODES = frozenset(status.value for status in HTTPStatus if status > 200 and status % 100)
CONTEXTS = ("ticket", "booking", "payment", "notification", "mypage")


def violations(module: str, source: str) -> list[str]:
    """What `module` with this text does against the rules, one sentence each; empty when nothing."""
    tree = ast.parse(source)
    found = list(_foreign_imports(tree))
    if not _within(module, "conformance"):
        found += [*_io_imports(tree), *_clock_readings(tree)]
    if any(_within(module, context) for context in CONTEXTS):
        found += _status_codes(tree)
    return [f"{module}:{sentence}" for sentence in found]


def _within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"myticket_core.{package}.")


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, top-level name) of every absolute import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, str(node.module).partition(".")[0]


def _foreign_imports(tree: ast.AST) -> Iterator[str]:
    return (f"{line} imports {name}" for line, name in _imports(tree) if name not in ALLOWED)


def _io_imports(tree: ast.AST) -> Iterator[str]:
    return (f"{line} needs a port, not {name}" for line, name in _imports(tree) if name in BEHIND_A_PORT)


def _clock_readings(tree: ast.AST) -> Iterator[str]:
    dates = set(_names_from_datetime(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCK_READINGS and _root(node) in dates:
            yield f"{node.lineno} reads the clock: {ast.unparse(node)}"


def _names_from_datetime(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "datetime":
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.asname or alias.name for alias in node.names if alias.name == "datetime")


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _status_codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in STATUS_CODES:
            yield f"{node.lineno} speaks HTTP: {node.value}"
