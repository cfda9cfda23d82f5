"""The classes of a broker as a JVM has read them, kept for those that follow: they start in half the time."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

from scripts.services import kafka_jars


def archived(java: str, leave_behind: Callable[[Path], None]) -> Path:
    """Where they are, for this version of Java; made if need be, by one of several who ask.

    A JVM that finds none there, or what does not fit, reads the jars.
    """
    place = kafka_jars.cache() / f"kafka-{kafka_jars.VERSION}-java-{java}.jsa"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            half = place.with_suffix(".half")
            half.touch()  # a JVM may fail to write it, which is no reason to try each time
            leave_behind(half)
            half.replace(place)
    return place
