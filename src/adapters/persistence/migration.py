"""Bringing a store to this program's schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from adapters.persistence.drivers import Progress, driver
from adapters.persistence.schema import VERSIONS


def migrate(url: str, service: str, progress: Progress = lambda line: None, setting: str | None = None) -> None:
    """Make the tables of `service` if they are not there, and bring them to this program's schema, all or nothing.

    A file that is not there is made, a database of PostgreSQL is not. It is told each step that is taken; an
    up-to-date store takes none. Several may be started at once. A store of a newer program or of another service is
    left alone. Messages name the `setting` that the URL of a server is from. Raises StoreError, Unavailable.
    """
    driver(url, setting).migrate(service, lambda connection, tell: upgrade(connection, service, tell), progress)


def upgrade(connected: Connection, service: str, progress: Progress) -> None:
    """Alembic is imported only here and below: it costs more than the rest of a start."""
    from alembic import command

    def applied(step: Any, **_: Any) -> None:
        progress(f"{service}: {step.up_revision.revision} {step.up_revision.doc}")

    command.upgrade(_config(service, connection=connected, applied=applied), "head")


def beforehand(service: str, found: str) -> Iterator[tuple[str, str]]:
    """What the steps from revision `found` on want made first, while programs go on writing: names of indexes with
    their definitions, and statements of other kinds under no name.
    """
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory.from_config(_config(service)).iterate_revisions("head", found)
    for step in reversed(list(steps)):
        yield from (("", statement) for statement in getattr(step.module, "BEFOREHAND", ()))
        yield from getattr(step.module, "INDEXES", {}).items()


def _config(service: str, **attributes: Any) -> Any:
    from alembic.config import Config

    config = Config(attributes=attributes)
    config.set_main_option("script_location", str(VERSIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(VERSIONS / service).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
