"""What a process of crash_main is told to do, and how it is seen that it did it: files in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from attrs import astuple, frozen

FOLDER: Final = "CRASH_ORDERS"
BEFORE, AFTER = "before", "after"
KILL, STOP = "kill", "stop"


@frozen
class Order:
    """At the `call`-th time from now on that the point is reached, before or after it: die, or stand still."""

    point: str
    when: str
    how: str
    call: int = 1
    number: int = 0
    """Which order it is of all: the same thing again is to be counted anew."""

    @classmethod
    def read(cls, file: Path) -> Self:
        point, when, how, call, number = file.read_text().split("|")
        return cls(point, when, how, int(call), int(number))

    def give(self, folder: Path, service: str) -> None:
        """Whole, or not at all: it is looked for all the time."""
        half = folder / f"{service}.half"
        half.write_text("|".join(map(str, astuple(self))))
        half.rename(path(folder, service))

    def __str__(self) -> str:
        return f"{self.how} {self.when} {self.point}"


def path(folder: Path, service: str) -> Path:
    return folder / f"{service}.order"


def fired(folder: Path, service: str, pid: int) -> Path:
    return folder / f"{service}.{pid}.fired"


def whose(folder: Path, service: str) -> int | None:
    """The process that obeyed the order of this service; the next time there is none again."""
    for file in folder.glob(f"{service}.*.fired"):
        file.unlink()
        return int(file.suffixes[-2].removeprefix("."))
    return None
