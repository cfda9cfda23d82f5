"""An index of a table that is there is built beforehand: within a step whoever writes would wait until it is whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from alembic import op
from alembic.script import ScriptDirectory

from adapters.persistence.migration import _config
from adapters.persistence.schema import SCHEMAS

WITHIN = {
    "alarm_0002_since_0001": {"inbox_at", "keys_at"},
    "alarm_0004_since_0001": {"notifications_given_up"},
    "alarm_0005_since_0001": {"notifications_unread"},
    "alarm_0007_since_0001": {"notifications_waiting"},
    "book_0003_since_0001": {"inbox_at", "keys_at"},
    "book_0004_since_0001": {"bookings_holding"},
    "book_0005_since_0001": {"bookings_called_off"},
    "book_0006_since_0001": {"bookings_in_line"},
    "book_0007_since_0001": {"sales_waited_at"},
    "book_0008_since_0001": {"bookings_checked_in"},
    "mypage_0002_since_0001": {"inbox_at", "keys_at"},
    "mypage_0003_since_0001": {"booking_pages_ticket"},
    "mypage_0004_since_0001": {"booking_pages_changed", "ticket_pages_changed"},
    "pay_0002_since_0001": {"inbox_at", "keys_at"},
    "ticket_0003_since_0001": {"inbox_at", "keys_at"},
}
"""As it was done before: what was shipped stays as it is, and nothing is added here."""

_INDEX = re.compile(r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s+ON\s+(\w+)", re.IGNORECASE)


def steps() -> Iterator[tuple[str, Any]]:
    """Each that is taken while programs of before go on."""
    for service in SCHEMAS:
        for step in ScriptDirectory.from_config(_config(service)).walk_revisions():
            if "_since_" in step.revision:
                yield step.revision, step.module


@pytest.fixture
def built_within(monkeypatch):
    """The indexes that a step builds, on PostgreSQL, of tables it does not make itself, and not beforehand."""
    made, built = set(), {}

    def execute(statement: Any) -> None:
        built.update(_INDEX.findall(str(statement)))

    def constrained(name: str, table: str, *_: Any, **__: Any) -> None:
        built[name] = table

    bind = SimpleNamespace(dialect=SimpleNamespace(name="postgresql"), scalar=lambda _: "")
    for name in [name for name in dir(op) if not name.startswith("_") and callable(getattr(op, name))]:
        monkeypatch.setattr(op, name, lambda *_, **__: None)
    monkeypatch.setattr(op, "get_bind", lambda: bind)
    monkeypatch.setattr(op, "create_table", lambda name, *_, **__: made.add(name))
    monkeypatch.setattr(op, "execute", execute)
    for name in ("create_index", "create_unique_constraint", "create_primary_key", "create_exclude_constraint"):
        monkeypatch.setattr(op, name, constrained)

    def found(module: Any) -> set[str]:
        made.clear()
        built.clear()
        module.upgrade()
        return {name for name, table in built.items() if table not in made} - getattr(module, "INDEXES", {}).keys()

    return found


def test_indexes_of_tables_that_are_there_are_built_beforehand(built_within):
    assert {revision: names for revision, module in steps() if (names := built_within(module))} == WITHIN


@pytest.mark.parametrize(
    "upgrade",
    [
        lambda: op.create_index("bookings_new", "bookings", ["price"]),
        lambda: op.create_unique_constraint("bookings_new", "bookings", ["price"]),
        lambda: op.execute("CREATE UNIQUE INDEX IF NOT EXISTS bookings_new ON bookings (price)"),
    ],
)
def test_one_that_is_not_is_found(built_within, upgrade):
    assert built_within(SimpleNamespace(upgrade=upgrade)) == {"bookings_new"}
    assert built_within(SimpleNamespace(upgrade=upgrade, INDEXES={"bookings_new": "bookings (price)"})) == set()


def test_nor_does_one_of_a_new_table_have_to_be(built_within):
    def upgrade() -> None:
        op.create_table("new")
        op.create_index("new_price", "new", ["price"])

    assert built_within(SimpleNamespace(upgrade=upgrade)) == set()
