"""Time, ids, concurrency and wake-ups of the machine itself."""

from adapters.system.bells import Bells
from adapters.system.clock import SystemClock
from adapters.system.ids import RandomIds
from adapters.system.together import Beside, concurrently

__all__ = ["Bells", "Beside", "RandomIds", "SystemClock", "concurrently"]
