"""What a start imports whatever is set: a library that only some use costs the others time and memory."""

from __future__ import annotations

import subprocess
import sys

ASKED_FOR = "aiohttp alembic asyncpg graphql jinja2 kafka motor pymongo strawberry stripe websockets".split()
START = f"""
import sys
import apps.cli, apps.describing, apps.embedded, apps.graphs
print([name for name in {ASKED_FOR} if name in sys.modules])
"""


def test_what_a_setting_asks_for_is_imported_by_nobody_else() -> None:
    assert subprocess.check_output([sys.executable, "-c", START], text=True).strip() == "[]"
