"""Time, ids and concurrency of the machine itself."""

from adapters.system.clock import SystemClock
from adapters.system.ids import RandomIds
from adapters.system.together import concurrently

__all__ = ["RandomIds", "SystemClock", "concurrently"]
