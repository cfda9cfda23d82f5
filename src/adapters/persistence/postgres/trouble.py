"""What PostgreSQL's errors mean: for somebody to mend, or likely to mend themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

from adapters.persistence.errors import Busy, Overtaken, Refused, StoreError
from myticket_core.errors import Unavailable

POOLED: Final = "leads to a pooler in transaction mode: connect directly, or to one in session mode"

_WRONG: Final = {
    asyncpg.InvalidPasswordError: "does not accept this user and password",
    asyncpg.InvalidAuthorizationSpecificationError: "does not accept this user",
    asyncpg.InvalidCatalogNameError: "does not have this database: create it first",
    asyncpg.InsufficientPrivilegeError: "does not allow this user to do that",
    asyncpg.InvalidSQLStatementNameError: POOLED,  # what was prepared is in another one's session
    asyncpg.DuplicatePreparedStatementError: POOLED,
}
DOWN: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
)
_CLOSED: Final = asyncpg.ObjectNotInPrerequisiteStateError


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raises StoreError for what somebody has to mend, Unavailable for what may mend itself."""
    try:
        yield
    except Exception as error:
        if (told := explanation(name, error)) is None:
            raise
        raise told from error


def explanation(name: str, error: Exception) -> StoreError | Unavailable | None:
    """None: it is no trouble of the store."""
    for kind, words in _WRONG.items():
        if isinstance(error, kind):
            return StoreError(f"{name} {words}: {line(error)}")
    if isinstance(error, asyncpg.LockNotAvailableError):
        return Busy(f"{name}: somebody else has been writing this for too long")
    if isinstance(error, (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)):
        return Overtaken(f"{name}: somebody else was writing this at the same moment")
    if isinstance(error, (_CLOSED, *DOWN)):
        return Unavailable(f"{name} cannot be used: {line(error)}")
    return None


def line(error: Exception) -> str:
    """Without the details and hints that follow."""
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return "it is only to be read (a standby, or default_transaction_read_only)"
    return str(error).partition("\n")[0] or type(error).__name__


def unavailable(name: str, error: Exception) -> Unavailable | None:
    """To who writes, through a connection that was let in before and may be again."""
    told = error if isinstance(error, (StoreError, Unavailable)) else explanation(name, error)
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return Refused(str(told))
    return Unavailable(str(told)) if isinstance(told, StoreError) else told
