"""What the parameters of a postgresql:// URL ask for, as they do of libpq, where asyncpg would pass them on or by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import asyncpg
from attrs import frozen

from adapters.persistence.errors import StoreError

PATIENCE: Final = 5.0
"""Seconds for a connection to be made, unless connect_timeout says how many."""

WANTED: Final = ("read-write", "primary", "any")
"""What target_session_attrs may say: who writes is looked for in any case."""

_FILES: Final = ("sslcert", "sslkey", "sslrootcert", "sslcrl")
REFUSED: Final = (
    asyncpg.ClientConfigurationError,
    asyncpg.UndefinedObjectError,
    asyncpg.CantChangeRuntimeParamError,
    asyncpg.InvalidParameterValueError,
)


@frozen
class Address:
    """`urls`: of each host, without what asyncpg is told in another way."""

    name: str
    urls: Sequence[str]
    patience: float
    application: str

    @contextmanager
    def usable(self) -> Iterator[None]:
        """Connecting; a parameter that asyncpg does not know is one of the session, to be judged by PostgreSQL.

        Raises StoreError for one that is refused: waiting does not mend it.
        """
        try:
            yield
        except REFUSED as error:
            raise _wrong(self.name, str(error)) from error
        except asyncpg.ProtocolViolationError as error:  # a pooler's word for much, also for what mends itself
            if "unsupported startup parameter" not in str(error):
                raise
            raise _wrong(self.name, str(error)) from error


def address(url: str, setting: str | None = None) -> Address:
    """`setting` says it, as messages tell. Raises StoreError."""
    each = _each(url.replace("+asyncpg", "", 1))
    parts = each[0]
    if not all(one.hostname for one in each) or len(parts.path) < 2:
        raise StoreError("a PostgreSQL URL names a host and a database: postgresql://user@host:5432/database")
    hosts = ",".join(f"{one.hostname}:{one.port or 5432}" for one in each)
    name = f"postgresql://{hosts}{parts.path}" + (f" ({setting})" if setting else "")
    asked = _asked(name, parts)
    if (attribute := asked.pop("target_session_attrs", WANTED[0])) not in WANTED:
        raise _wrong(name, f"target_session_attrs is {attribute}, where it has to be written")
    for file in _FILES:
        if file in asked and not Path(asked[file]).is_file():
            raise _wrong(name, f"{file} names no file that is there")
    patience = _seconds(name, asked.pop("connect_timeout", None))
    application = asked.pop("application_name", "myticket")
    query = urlencode(asked)
    return Address(name, [one._replace(query=query).geturl() for one in each], patience, application)


def _each(url: str) -> Sequence[SplitResult]:
    """One for each of its hosts, between which stand commas."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    user, at, hosts = place.rpartition("@")
    return [urlsplit(f"{scheme}://{user}{at}{host}{slash}{path}") for host in hosts.split(",")]


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
