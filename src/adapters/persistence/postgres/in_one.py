"""Several questions in one trip: a statement whose columns are the answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

from adapters.persistence.drivers import Step
from adapters.persistence.statements import Values

_PARAMETER: Final = re.compile(r"\$(\d+)")


def in_one(steps: Sequence[Step]) -> tuple[str, Values]:
    """Its one row has the rows of each, in their order, which is also that in which they are locked. All see what was
    committed before any of them waits for a lock; rows that are locked are as they are after the wait.
    """
    values = tuple(value for _, values in steps for value in values)
    return _statement(tuple(sql for sql, _ in steps), tuple(len(values) for _, values in steps)), values


@lru_cache(maxsize=500)
def _statement(questions: tuple[str, ...], numbers: tuple[int, ...]) -> str:
    before = accumulate(numbers, initial=0)
    renumbered = [_renumbered(sql, by) for sql, by in zip(questions, before, strict=False)]
    return "SELECT " + ", ".join(f"ARRAY(SELECT answer FROM ({sql}) AS answer)" for sql in renumbered)


def _renumbered(sql: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", sql)
