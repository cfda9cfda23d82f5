"""What can go wrong, said as what the caller should do about it. Adapters map these to their protocol."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_LONGEST: Final = 300


class MyticketError(Exception):
    """Everything this package raises on purpose."""


class Invalid(MyticketError):
    """A value is not acceptable: correct `member` and ask again. Nothing was changed.

    `value` is what was sent, `reason` what is wrong with it where `allowed` does not tell.
    """

    def __init__(self, member: str, value: object, allowed: str, reason: str = "") -> None:
        self.member, self.value, self.allowed, self.reason = member, value, allowed, reason
        super().__init__(f"{member} is {value!r}; {self.hint}")

    @property
    def hint(self) -> str:
        return f"allowed: {self.allowed}" + (f" ({self.reason})" if self.reason else "")


class Rejected(MyticketError):
    """The request is well-formed but cannot be granted as things stand; `code` says why, `facts` with what values."""

    def __init__(self, code: str, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.code, self.facts = code, facts


class NotFound(MyticketError):
    """There is no such thing, or it is not yours: the two cannot be told apart on purpose."""

    def __init__(self, what: str, id: object) -> None:
        super().__init__(f"no {what} {id}")
        self.what, self.id = what, id


class Unauthenticated(MyticketError):
    """Nobody is known to be asking: come back with a valid token."""


class Forbidden(MyticketError):
    """Your role may not do this at all, whoever owns it."""


class Unavailable(MyticketError):
    """Certainly nothing happened; try again after `retry_after`."""

    def __init__(self, detail: str, retry_after: timedelta = timedelta(seconds=5)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class InDoubt(MyticketError):
    """No answer came in time: it may or may not have happened. Ask, do not assume."""


class Incomplete(MyticketError):
    """Some of a batch failed, one with `failure`; so many others were `done`. Go on at `onward`, 0 when round."""

    def __init__(self, onward: int, failure: Exception, done: int) -> None:
        super().__init__(f"some of a batch failed: {failure}")
        self.onward, self.failure, self.done = onward, failure, done


class Unreadable(MyticketError):
    """A record cannot be understood however often it is read."""


def plain(text: str) -> str:
    """The text as whoever asked is shown it: cut where it is long, and without what UTF-8 cannot carry."""
    return text[:_LONGEST].encode("utf-8", "backslashreplace").decode()
