"""What can be expected to go wrong from outside, told in a line or two instead of a traceback."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from myticket_core.errors import MyticketError

BROUGHT: Final[Mapping[str, Set[str]]] = {
    "cli": {"click", "dependency_injector", "rich"},
    "rest": {"aiohttp", "httptools", "jwt", "litestar", "msgspec", "structlog", "tenacity", "uvicorn", "uvloop"},
    "graphql": {"graphql", "strawberry", "websockets"},
    "sqlite": {"alembic", "sqlalchemy"},
    "postgres": {"asyncpg"},
    "kafka": {"crc32c", "kafka"},
    "mongo": {"bson", "gridfs", "motor", "pymongo"},
    "stripe": {"stripe"},
    "web": {"babel", "jinja2", "segno"},
    "email": {"aiosmtplib"},
}
"""Extra → modules that a start may miss, which it brings. Of another module, all extras do."""


class CannotRun(Exception):
    """It cannot be done as things stand on this machine; the message says why, and what to do."""


def told(error: BaseException) -> str | None:
    """The message for whoever runs the command, never empty; None: a defect, whose traceback should be seen."""
    if isinstance(error, CannotRun | MyticketError):
        return words_of(error)
    if isinstance(error, ModuleNotFoundError) and _of_others(error.name):
        return _missing(error.name or "")
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or words_of(error)}{place}"
    return None


def words_of(error: BaseException) -> str:
    """Its kind, where it has no words of its own, as a TimeoutError."""
    return str(error) or type(error).__name__


def _missing(module: str) -> str:
    name = module.partition(".")[0]
    extra = next((extra for extra, brought in BROUGHT.items() if name in brought), None)
    return f"{name} is not installed: pip install 'myticket[{extra or 'all'}]'"


def _of_others(module: str | None) -> bool:
    """Not ours: one of ours that is missing is a defect."""
    return module is not None and module.partition(".")[0] not in ("adapters", "apps", "myticket_core")
