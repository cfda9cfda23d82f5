"""What PostgreSQL's errors mean: for somebody to mend, or likely to mend themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

from adapters.persistence.errors import Busy, StoreError
from myticket_core.errors import Unavailable

_WRONG: Final = {
    asyncpg.InvalidPasswordError: "does not accept this user and password",
    asyncpg.InvalidAuthorizationSpecificationError: "does not accept this user",
    asyncpg.InvalidCatalogNameError: "does not have this database: create it first",
    asyncpg.InsufficientPrivilegeError: "does not allow this user to do that",
}
DOWN: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
)
BUSY: Final = asyncpg.LockNotAvailableError


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raises StoreError for what somebody has to mend, Unavailable for what may mend itself."""
    try:
        yield
    except tuple(_WRONG) as error:
        raise StoreError(f"{name} {_wrong(error)}: {error}") from error
    except (BUSY, *DOWN) as error:
        raise unavailable(name, error) from error


def _wrong(error: BaseException) -> str:
    return next(words for kind, words in _WRONG.items() if isinstance(error, kind))


def unavailable(name: str, error: BaseException) -> Unavailable:
    if isinstance(error, BUSY):
        return Busy(f"{name}: somebody else has been writing this for too long")
    return Unavailable(f"{name} cannot be used: {str(error) or type(error).__name__}")
