"""How many there may be of something at once in this process, in all and of one principal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from attrs import define, field

from adapters.rest.problems import Problem, retry_after
from myticket_core.errors import Unavailable


@define(eq=False)
class Places:
    what: str
    in_all: int
    each: int
    _taken: Counter[str] = field(factory=Counter, init=False)
    _all: int = field(default=0, init=False)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises Unavailable: they are all taken."""
        if self._all >= self.in_all:
            raise Unavailable(f"there is no room for more {self.what} here now", timedelta(seconds=10))
        self._all += 1
        try:
            yield
        finally:
            self._all -= 1

    @contextmanager
    def one_of(self, subject: str) -> Iterator[None]:
        """Raises Problem("too_many_requests"): they have as many as they may."""
        if self._taken[subject] >= self.each:
            detail = f"at most {self.each} {self.what} at once"
            raise Problem("too_many_requests", detail, retry_after(timedelta(seconds=10)))
        self._taken[subject] += 1
        try:
            yield
        finally:
            self._taken[subject] -= 1
            if not self._taken[subject]:
                del self._taken[subject]
