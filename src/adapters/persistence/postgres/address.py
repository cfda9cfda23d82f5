"""What the parameters of a postgresql:// URL ask for, as they do of libpq, where asyncpg would pass them on or by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import asyncpg
from attrs import frozen

from adapters.persistence.errors import StoreError

PATIENCE: Final = 5.0
"""Seconds for a connection to be made, unless connect_timeout says how many."""

_FILES: Final = ("sslcert", "sslkey", "sslrootcert", "sslcrl")
_REFUSED: Final = (
    asyncpg.ClientConfigurationError,
    asyncpg.UndefinedObjectError,
    asyncpg.CantChangeRuntimeParamError,
    asyncpg.InvalidParameterValueError,
)


@frozen
class Address:
    """`url` is without what asyncpg is told in another way."""

    name: str
    url: str
    patience: float
    application: str

    @contextmanager
    def usable(self) -> Iterator[None]:
        """Connecting; a parameter that asyncpg does not know is one of the session, to be judged by PostgreSQL.

        Raises StoreError for one that is refused: waiting does not mend it.
        """
        try:
            yield
        except _REFUSED as error:
            raise _wrong(self.name, str(error)) from error
        except asyncpg.ProtocolViolationError as error:  # a pooler's word for much, also for what mends itself
            if "unsupported startup parameter" not in str(error):
                raise
            raise _wrong(self.name, str(error)) from error


def address(url: str) -> Address:
    """Raises StoreError."""
    parts = urlsplit(url.replace("+asyncpg", "", 1))
    if not parts.hostname or len(parts.path) < 2:
        raise StoreError("a PostgreSQL URL names a host and a database: postgresql://user@host:5432/database")
    name = f"postgresql://{parts.hostname}:{parts.port or 5432}{parts.path} (DATABASE_URL)"
    asked = _asked(name, parts)
    for file in _FILES:
        if file in asked and not Path(asked[file]).is_file():
            raise _wrong(name, f"{file} names no file that is there")
    patience = _seconds(name, asked.pop("connect_timeout", None))
    application = asked.pop("application_name", "myticket")
    return Address(name, parts._replace(query=urlencode(asked)).geturl(), patience, application)


def _asked(name: str, parts: SplitResult) -> dict[str, Any]:
    try:
        return dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError as error:
        raise _wrong(name, str(error)) from None


def _seconds(name: str, said: str | None) -> float:
    if said is None:
        return PATIENCE
    if not (said.isascii() and said.isdigit() and 0 < int(said) <= 60):
        raise _wrong(name, "connect_timeout is not a number of seconds from 1 to 60")
    return float(said)


def _wrong(name: str, why: str) -> StoreError:
    todo = "correct it or leave it out (TLS is asked for by sslmode)"
    return StoreError(f"{name} has a parameter behind the ? of its URL that cannot be used: {why}; {todo}")
