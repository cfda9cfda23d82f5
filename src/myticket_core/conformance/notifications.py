"""Any store of notifications. Subclass NotificationsConformance; `new` gives a Notifications."""

from __future__ import annotations

from myticket_core.conformance.notification_gathering import Gathering
from myticket_core.conformance.notification_queue import Queueing
from myticket_core.conformance.notification_reading import Reading

__all__ = ["NotificationsConformance"]


class NotificationsConformance(Queueing, Gathering, Reading):
    """All that a store of notifications guarantees."""
