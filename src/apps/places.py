"""What lies where in a data folder: a store per service, the log, the sandbox, the key of the development tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from apps.failures import CannotRun
from apps.settings import Settings

SERVICES: Final = ("ticket", "book", "pay", "alarm", "mypage")


def stores(settings: Settings, alone: str | None = None) -> Mapping[str, str]:
    """Name → URL. DATABASE_URL is the store of the service that is run `alone`."""
    urls = {name: f"sqlite:///{settings.data / name}.sqlite" for name in (*SERVICES, "log")}
    if alone and settings.database_url:
        urls[alone] = settings.database_url
    return urls


def written(services: Sequence[str]) -> Sequence[str]:
    """The services whose stores running these writes to: book is answered by pay in the same process."""
    wanted = {*services, "pay"} if "book" in services else {*services}
    return [name for name in SERVICES if name in wanted]


def read(services: Sequence[str]) -> Sequence[str]:
    """All stores that running these opens: the log too, and book looks up tickets it has not heard of."""
    wanted = {*written(services), *(("ticket",) if "book" in services else ())}
    return ["log", *(name for name in SERVICES if name in wanted)]


def make(folder: Path) -> None:
    """For its owner alone. Raises CannotRun."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"the data folder {folder} cannot be made: {error.strerror}") from error
