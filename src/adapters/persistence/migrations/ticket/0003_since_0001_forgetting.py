"""What is old can be forgotten."""

from __future__ import annotations

from adapters.persistence.migrations import shared_forgetting

revision = "ticket_0003_since_0001"
down_revision = "ticket_0002_since_0001"


def upgrade() -> None:
    shared_forgetting.add()
