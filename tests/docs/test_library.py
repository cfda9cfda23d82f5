"""The program in docs/library.md runs as it stands there, prints what is said there, and needs nothing else."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"


def blocks(language: str) -> list[str]:
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    return [block for found, block in BLOCK.findall(text) if found == language]


def run(program: str) -> subprocess.CompletedProcess[str]:
    begin = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n"
    return subprocess.run([sys.executable, "-c", begin + program], capture_output=True, text=True, timeout=60)


def test_the_program_prints_what_the_page_says_and_needs_nothing_else():
    program, expected = blocks("python")[0], blocks("text")[0]
    ran = run(program + NAMES)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == expected
    bare = set(run(NAMES).stderr.split())
    brought = set(ran.stderr.split()) - sys.stdlib_module_names - bare
    assert brought == {"attr", "attrs", "adapters", "myticket_core"}


def test_the_program_is_short():
    assert len(blocks("python")[0].splitlines()) <= 60


def test_the_suite_runs_on_the_adapter_that_is_shown():
    given = (
        "import unittest\n"
        "from adapters.memory import MemoryDatabase, MemoryParking\n"
        "from adapters.system import RandomIds, SystemClock\n"
        "def MyParking(): return MemoryParking(MemoryDatabase(SystemClock(), RandomIds()))\n"
    )
    ran = run(given + blocks("python")[1] + "\nunittest.main(argv=['TestMyParking'])")
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"Ran [1-9]\d* tests", ran.stderr)
