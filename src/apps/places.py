"""What lies where: a store per service, the log, the sandbox, the key of the development tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from apps.failures import CannotRun
from apps.settings import Settings

SERVICES: Final = ("ticket", "book", "pay", "alarm", "mypage")
PATHS: Final[Mapping[str, Sequence[str]]] = {
    "ticket": ("tickets",),
    "book": ("books", "sales"),
    "pay": ("payments", "webhooks"),
    "alarm": ("notifications", "contacts"),
    "mypage": ("mypages", "customerManagementPages", "guestManagementPages"),
}
"""What stands first in the paths of each."""


def stores(settings: Settings, alone: str | None = None) -> Mapping[str, str]:
    """Name → URL: files in the data folder but for what the settings say.

    DATABASE_URL is the store of the service that is spoken of `alone`, BOOK_DATABASE_URL always that of book;
    MONGODB_URL is that of my page. Raises CannotRun: DATABASE_URL would be that of none.
    """
    if settings.database_url and alone is None:
        raise _of_one(settings)
    urls = {name: f"sqlite:///{settings.data / name}.sqlite" for name in (*SERVICES, "log")}
    given = {name: getattr(settings, f"{name}_database_url", None) for name in SERVICES}
    given["mypage"] = settings.mongodb_url
    if alone and settings.database_url and not given[alone]:
        given[alone] = settings.database_url
    return urls | {name: url for name, url in given.items() if url}


def _of_one(settings: Settings) -> CannotRun:
    said = settings.sources.get("database_url", "DATABASE_URL")
    own = ", ".join(f"{name.upper()}_DATABASE_URL" for name in SERVICES if name != "mypage")
    return CannotRun(f"{said} is the store of one service; say {own}, each for its own, or leave {said} out")


def setting(settings: Settings, service: str, url: str) -> str:
    """Where it is said that this is the store of `service`, as its name was written."""
    own = "mongodb_url" if service == "mypage" else f"{service}_database_url"
    name = "database_url" if getattr(settings, own, None) != url == settings.database_url else own
    return settings.sources.get(name, name.upper())


def files(stores: Mapping[str, str], names: Sequence[str]) -> Sequence[str]:
    """Those of them that are kept in a file, which one process at a time may write to."""
    return [name for name in names if stores[name].startswith("sqlite")]


def writers(settings: Settings, services: Sequence[str]) -> Sequence[str]:
    """The services that write when these run: book is answered by pay in the same process, or by HTTP."""
    wanted = {*services, "pay"} if "book" in services and not settings.api_url_payment else {*services}
    return [name for name in SERVICES if name in wanted]


def needed(settings: Settings, services: Sequence[str]) -> Sequence[str]:
    """All stores that running these opens: book looks up tickets it has not heard of, and there may be a log."""
    wanted = set(writers(settings, services))
    if "book" in services and not settings.api_url_ticket:
        wanted.add("ticket")
    log = [] if settings.kafka_bootstrap_servers else ["log"]
    return [*log, *(name for name in SERVICES if name in wanted)]


def left_out(services: Sequence[str]) -> Sequence[str]:
    """PATHS of those that the whole system is run without. What runs one service has the others elsewhere."""
    missing = [name for name in SERVICES if name not in services] if len(services) > 1 else []
    return [path for name in missing for path in PATHS[name]]


def there(settings: Settings, url: str, name: str) -> None:
    """Raises CannotRun: it is a file of the data folder, and there is none, so this is another folder."""
    path = settings.data / f"{name}.sqlite"
    if url == f"sqlite:///{path}" and not path.exists():
        raise CannotRun(f"there is no {path.name} in {settings.data}: name the folder of the system's data with --data")


def make(folder: Path) -> None:
    """For its owner alone. Raises CannotRun."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"the data folder {folder} cannot be made: {error.strerror}") from error
