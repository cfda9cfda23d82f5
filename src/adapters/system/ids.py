from __future__ import annotations

import time
from os import urandom


class RandomIds:
    """32 hexadecimal digits: 12 of milliseconds, 20 random ones. Later ids sort later, which indexes like."""

    def new(self) -> str:
        return f"{time.time_ns() // 1_000_000:012x}{urandom(10).hex()}"

    def secret(self) -> str:
        return urandom(16).hex()
