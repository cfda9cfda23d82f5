"""Bringing a store to this program's schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import Connection

from adapters.persistence.drivers import driver
from adapters.persistence.schema import VERSIONS

Progress: TypeAlias = Callable[[str], None]


def migrate(url: str, service: str, progress: Progress = lambda line: None) -> None:
    """Make the tables of `service` if they are not there, and bring them to this program's schema, all or nothing.

    A file that is not there is made, a database of PostgreSQL is not. It is told each step that is taken; an
    up-to-date store takes none. Several may be started at once. A store of a newer program or of another service is
    left alone. Raises StoreError, Unavailable.
    """
    driver(url).migrate(service, lambda connection: upgrade(connection, service, progress))


def upgrade(connected: Connection, service: str, progress: Progress) -> None:
    """Alembic is imported only here: it costs more than the rest of a start."""
    from alembic import command
    from alembic.config import Config

    def applied(step: Any, **_: Any) -> None:
        progress(f"{service}: {step.up_revision.revision} {step.up_revision.doc}")

    config = Config(attributes={"connection": connected, "applied": applied})
    config.set_main_option("script_location", str(VERSIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(VERSIONS / service).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    command.upgrade(config, "head")
