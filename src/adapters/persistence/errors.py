from __future__ import annotations

from myticket_core.errors import MyticketError, Unavailable


class StoreError(MyticketError):
    """The store cannot be used as it is. The message says in one line which one, why, and what to do about it."""


class NotThis(Unavailable):
    """It is this write that cannot be now; the store is fine."""


class Busy(NotThis):
    """What this write wants is held by another process."""


class Overtaken(NotThis):
    """Another process wrote the same at this moment: tried again at once it may be written."""


class Refused(NotThis):
    """The store does not take this write until somebody has mended that; others it takes."""
