"""Tables for people, JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from apps.escaping import escaped, escaped_lines


def to_json(value: Any) -> None:
    click.echo(escaped_lines(json.dumps(value, ensure_ascii=False, indent=2)))


def written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Nothing is cut off: what does not fit is wrapped, and a pipe is as wide as it takes. Cells are escaped."""
    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*("–" if cell is None else escaped(str(cell)) for cell in row))
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 10_000
    console.print(shown)
