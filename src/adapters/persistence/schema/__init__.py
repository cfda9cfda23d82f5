"""What each service keeps, as tables; migrations/ makes them, and tests/services compares the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import MetaData

from adapters.persistence.schema.alarm import ALARM
from adapters.persistence.schema.book import BOOK
from adapters.persistence.schema.log import LOG
from adapters.persistence.schema.mypage import MYPAGE
from adapters.persistence.schema.pay import PAY
from adapters.persistence.schema.shared import SHARED
from adapters.persistence.schema.ticket import TICKET

SCHEMAS: Final[Mapping[str, Sequence[MetaData]]] = {
    "ticket": (TICKET, SHARED),
    "book": (BOOK, SHARED),
    "pay": (PAY, SHARED),
    "alarm": (ALARM, SHARED),
    "mypage": (MYPAGE, SHARED),
    "log": (LOG,),
}

VERSIONS: Final = Path(__file__).parent.parent / "migrations"


def revisions(service: str) -> Sequence[str]:
    """The revisions this version of the program knows, oldest first: the names of the files, 0001_….py."""
    return sorted(file.name.partition("_")[0] for file in (VERSIONS / service).glob("[0-9]*_*.py"))
