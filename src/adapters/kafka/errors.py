from __future__ import annotations

from myticket_core.errors import MyticketError


class TopicError(MyticketError):
    """The topics cannot be made as they were asked for. The message says which, why, and what to do about it."""
