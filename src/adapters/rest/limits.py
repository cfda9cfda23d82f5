"""How often one may ask: token buckets by principal and by address, as this process sees it.

Answers say it in the fields of draft-ietf-httpapi-ratelimit-headers-10 (27 September 2025): `RateLimit-Policy` is
what is allowed, q requests in w seconds; `RateLimit` what is left of it, r requests now, all of them in t seconds.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any, Final, NoReturn, TypeAlias

from attrs import define, field, frozen

from adapters.rest.addresses import Senders
from adapters.rest.patience import Patience
from adapters.rest.problems import Problem, retry_after
from myticket_core.access import Principal, Role

WINDOW: Final = 10
"""Seconds' worth of requests that may come at once."""
MOST: Final = 50_000
"""Buckets kept of each kind, some 10 MB. The one not asked for longest is forgotten, which is to say, full again."""
FREE: Final = frozenset({"/livez", "/readyz", "/metrics", "/actuator/health"})
"""What a platform asks however busy the service is."""
_EXACT: Final = 1e-6

Marks: TypeAlias = Sequence[tuple[bytes, bytes]]


@define(eq=False)
class Buckets:
    """Of each key `rate` requests a second in the long run, and WINDOW times as many at once.

    A bucket is kept as the moment at which it will be full again.
    """

    name: str
    rate: int
    now: Callable[[], float] = monotonic
    most: int = MOST
    _full_at: OrderedDict[str, float] = field(factory=OrderedDict, init=False)
    _each: float = field(init=False)
    _policy: bytes = field(init=False)
    _left: bytes = field(init=False)

    @_each.default
    def _seconds_for_one(self) -> float:
        return 1 / self.rate

    @_policy.default
    def _allowed(self) -> bytes:
        return f'"{self.name}";q={self.rate * WINDOW};w={WINDOW}'.encode()

    @_left.default
    def _pattern(self) -> bytes:
        return f'"{self.name}";r=%d;t=%d'.encode()

    def take(self, key: str, number: int = 1) -> float:
        """Seconds until the bucket is full again. More than WINDOW: there was too little to take, and nothing is taken.

        However large the number, never more than a full bucket has beside the first: whoever waits is let in some day.
        """
        now, kept = self.now(), self._full_at
        full_at = kept.get(key, now)
        owed = (full_at - now if full_at > now else 0.0) + min(number * self._each, WINDOW - self._each)
        if owed <= WINDOW + _EXACT:
            kept[key] = now + owed
            kept.move_to_end(key)
            if len(kept) > self.most:
                kept.popitem(last=False)
        return owed

    def give_back(self, key: str) -> None:
        """What was taken last, as if it had not been."""
        if key in self._full_at:
            self._full_at[key] -= self._each

    def refused(self, owed: float) -> bool:
        return owed > WINDOW + _EXACT

    def refuse(self, owed: float) -> NoReturn:
        """Raises Problem("too_many_requests")."""
        marks = {name.decode(): value.decode() for name, value in self.marks(owed)}
        headers = {**retry_after(timedelta(seconds=owed - WINDOW)), **marks}
        detail = f"at most {self.rate} requests a second from one {self.name}; again in {headers['Retry-After']} s"
        raise Problem("too_many_requests", detail, headers)

    def marks(self, owed: float) -> Marks:
        """What an answer says of the bucket."""
        left, full_in = int((WINDOW - owed) * self.rate + _EXACT), math.ceil(owed - _EXACT)
        return (b"ratelimit-policy", self._policy), (b"ratelimit", self._left % (max(left, 0), min(full_in, WINDOW)))


@frozen
class Limits:
    """Who may ask how often, None: as often as they like; and how long a request may take.

    An address counts before it is looked at who asks, so that bad tokens count too. What a service asks in its own
    name counts in neither: it asks for many. `dear`: what begins with these paths counts once more, as it costs others.
    """

    principals: Buckets | None = None
    addresses: Buckets | None = None
    senders: Senders = field(factory=Senders)
    patience: Patience = field(factory=Patience)
    dear: Mapping[str, Buckets] = field(factory=dict)

    def address(self, scope: Mapping[str, Any], number: int = 1) -> None:
        """Raises Problem("too_many_requests")."""
        if self.addresses is not None and scope["path"] not in FREE:
            self._count(self.addresses, scope, number)
        for path, buckets in self.dear.items():
            if scope["path"].startswith(path):
                self._count(buckets, scope, number)

    def principal(self, principal: Principal | None, scope: Mapping[str, Any]) -> Marks:
        """What to say in the answer. Raises Problem("too_many_requests")."""
        if principal is not None and principal.role is Role.SERVICE:
            self._spare(scope)
        return self._take(principal, 1)

    def more(self, principal: Principal | None, scope: Mapping[str, Any], number: int) -> Marks:
        """What a request takes that asks for as much as several, beside the first. Raises Problem as above."""
        if principal is None or principal.role is not Role.SERVICE:
            self.address(scope, number)
        return self._take(principal, number)

    def _take(self, principal: Principal | None, number: int) -> Marks:
        if principal is None or principal.role is Role.SERVICE or self.principals is None:
            return ()
        owed = self.principals.take(principal.subject, number)
        if self.principals.refused(owed):
            self.principals.refuse(owed)
        return self.principals.marks(owed)

    def _count(self, buckets: Buckets, scope: Mapping[str, Any], number: int) -> None:
        """Raises Problem as above."""
        owed = buckets.take(self.senders.of(scope), number)
        if buckets.refused(owed):
            buckets.refuse(owed)

    def _spare(self, scope: Mapping[str, Any]) -> None:
        if self.addresses is not None:
            self.addresses.give_back(self.senders.of(scope))
