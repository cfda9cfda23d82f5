"""What a start imports whatever is set: a library that only some use costs the others time and memory."""

from __future__ import annotations

import subprocess
import sys

ASKED_FOR = "aiohttp alembic asyncpg graphql jinja2 kafka motor pymongo strawberry stripe websockets".split()
FOR_SERVING = "litestar jwt uvicorn prometheus_client".split()
START = "apps.cli, apps.describing, apps.embedded, apps.graphs"
TOOLS = "apps.audit, apps.dlq, apps.notifications, apps.payments, apps.stores, apps.payments_refund"


def imported(by: str, names: list[str]) -> list[str]:
    program = f"import sys, {by}; print(*(name for name in {names} if name in sys.modules))"
    return subprocess.check_output([sys.executable, "-c", program], text=True).split()


def test_what_a_setting_asks_for_is_imported_by_nobody_else() -> None:
    assert imported(by=START, names=ASKED_FOR) == []


def test_who_serves_nobody_loads_nothing_to_serve_with() -> None:
    """Half of the time of a command that lists or replays went there."""
    assert imported(by=TOOLS, names=[*FOR_SERVING, *ASKED_FOR]) == []
    assert "litestar" in imported(by="apps.running", names=FOR_SERVING)
