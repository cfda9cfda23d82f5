"""Run by Alembic: the caller gives the connection, and holds its transaction."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    on_version_apply=context.config.attributes["applied"],
)
context.run_migrations()
