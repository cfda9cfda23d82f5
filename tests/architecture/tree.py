"""Where the sources are, and which module a file is."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"


def modules(package: str) -> Iterator[tuple[str, str]]:
    """(dotted name, source text) of every module under src/`package`, in order of name."""
    for file in sorted((SRC / package).rglob("*.py")):
        parts = file.relative_to(SRC).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, file.read_text(encoding="utf-8")
