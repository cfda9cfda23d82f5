"""What each service keeps, as tables; migrations/ makes them, and tests/services compares the two."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import MetaData

from adapters.persistence.errors import StoreError
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

_NAME: Final = re.compile(r"\d{4}_(since_\d{4}_)?")
VERSIONS: Final = Path(__file__).parent.parent / "migrations"


def revisions(service: str) -> Sequence[str]:
    """The revisions this version of the program knows, oldest first.

    book_0001 for book/0001_….py; book_0003_since_0002 for book/0003_since_0002_….py, which only adds what programs
    from 0002 on do without: they go on, and start, while a newer program is being rolled out.
    """
    names = (_NAME.match(file.name) for file in (VERSIONS / service).iterdir())
    return sorted(f"{service}_{name[0].rstrip('_')}" for name in names if name)


def steps_left(store: str, service: str, found: Sequence[str]) -> bool:
    """Whether a store with these revisions in it has to be migrated.

    Raises StoreError when it is another service's, or of a newer program.
    """
    known = revisions(service)
    if found and found[0] not in known:
        if _serves(found[0], known[-1]):
            return False
        owner = found[0].partition("_")[0]
        if owner in SCHEMAS and owner != service:
            raise StoreError(f"{store} is the store of {owner}, not of {service}")
        raise StoreError(f"{store} was written by a newer version of myticket: use that one")
    return not found or found[0] != known[-1]


def _serves(found: str, newest: str) -> bool:
    """Whether a store of revision `found` is one for programs whose newest revision is `newest`, too."""
    service, _, since = found.partition("_since_")
    return bool(since) and service.rpartition("_")[0] == newest.split("_")[0] and since <= newest.split("_")[1]
