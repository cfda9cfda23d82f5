from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause


def only(rows: TextClause) -> Mapping[str, Any]:
    """An index of the rows of which this is true, in both databases. It serves only a query that says the same words,
    so the queries use these.
    """
    return {"sqlite_where": rows, "postgresql_where": rows}
