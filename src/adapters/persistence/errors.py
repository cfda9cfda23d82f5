from __future__ import annotations

from myticket_core.errors import MyticketError, Unavailable


class StoreError(MyticketError):
    """The store cannot be used as it is. The message says in one line which one, why, and what to do about it."""


class Busy(Unavailable):
    """What this write wants is held by another process; the store is fine."""
