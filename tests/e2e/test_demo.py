"""The README's first command, on a free port."""

from __future__ import annotations

from pathlib import Path

from scripts.services.ports import free_port
from tests.e2e.system import run

LINES = [*(f"✓ R{number}" for number in range(1, 14)), "✓ N1", "✓ N2", "✓ N3", "✓ N4"]


async def test_the_demo_shows_every_requirement(tmp_path: Path) -> None:
    told = await run("demo", "--exit", "--port", str(free_port()), "--data", str(tmp_path))
    missing = [line for line in LINES if line not in told]
    assert not missing, told
