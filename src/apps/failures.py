"""What can be expected to go wrong from outside, told in a line or two instead of a traceback."""

from __future__ import annotations

from myticket_core.errors import MyticketError


class CannotRun(Exception):
    """It cannot be done as things stand on this machine; the message says why, and what to do."""


def told(error: BaseException) -> str | None:
    """The message for whoever runs the command; None: this is a defect, and its traceback should be seen."""
    if isinstance(error, CannotRun | MyticketError):
        return str(error)
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{place}"
    return None
