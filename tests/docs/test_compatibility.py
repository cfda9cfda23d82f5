"""docs/compatibility.md lists every known difference, no other one, and names tests that are there."""

import re
from pathlib import Path

from tests.services.originals.transcripts import scenes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")


def test_every_known_difference_has_its_reason_and_no_other_one():
    known = {it.partition(": ")[0] for scene in scenes() for exchange in scene.exchanges for it in exchange.known}
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, re.MULTILINE)) == known


def test_every_test_that_it_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 30
    assert named - there == set()


def test_every_row_is_shown_by_a_test():
    rows = [line for line in PAGE.partition("## Where the original")[2].splitlines() if line.startswith("| ")]
    told = [row for row in rows if not row.startswith(("| the original", "| slug"))]
    assert [row for row in told if "`test_" not in row] == []
