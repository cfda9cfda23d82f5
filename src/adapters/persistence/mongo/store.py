"""One database of documents, and which view of the pages in it is live.

Views are numbered upwards and a number is never used again. So whoever finds a view still live after reading or
writing in it knows that it was live all the while, without a transaction, whichever process swaps.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from attrs import frozen

from adapters.persistence.errors import StoreError
from adapters.persistence.mongo import driver
from myticket_core.errors import Unavailable

VERSION: Final = 1
"""Of what migrate_documents makes."""

Result = TypeVar("Result")


@frozen
class Views:
    """The view that is shown; and the one that is being built and takes part in its changes, if there is one."""

    live: int
    joined: int | None


class Documents:
    def __init__(self, store: driver.Store, name: str) -> None:
        self._store, self.name = store, name
        self._live: int | None = None
        self.about, self.parking = store["about"], store["parking"]

    @classmethod
    async def open(cls, url: str) -> Documents:
        """Raises StoreError for what will not get better by itself. A server that is down is waited for later."""
        documents = cls(driver.connect(url), f"{driver.redacted(url)} (MONGODB_URL)")
        try:
            await documents.ping()
        except driver.Unusable as error:
            documents.close()
            raise StoreError(str(error)) from error
        except Unavailable:
            pass  # readiness says so, and every call until it is there
        return documents

    def close(self) -> None:
        self._store.client.close()

    def collection(self, name: str) -> driver.Collection:
        return self._store[name]

    async def ask(self, call: Awaitable[Result]) -> Result:
        """What the server answers. Raises Unavailable."""
        with driver.reported(self.name):
            return await call

    async def changes(self, by: int) -> int:
        """The last of so many numbers for changes of pages, which nobody else gets."""
        while True:
            counted = await self.ask(driver.counted(self.about, "changes", by, make=True))
            if counted is not None:  # else somebody else made it just now
                return int(counted["last"])

    async def last_change(self) -> int:
        """The last of these numbers that somebody got."""
        counted = await self.ask(self.about.find_one({"_id": "changes"}))
        return int(counted["last"]) if counted else 0

    async def ping(self) -> None:
        """Raises Unavailable, also when the schema is not this program's."""
        if self._live is None:
            check(self.name, await self.ask(self.about.find_one({"_id": "schema"})))
        await self._look()

    async def ready(self) -> int:
        """The view that was live at the last look; the schema has been looked at too. Raises Unavailable."""
        if self._live is None:
            await self.ping()
        return self._live or (await self._look()).live

    async def in_live(self, do: Callable[[int], Awaitable[Result]]) -> Result:
        """What `do` came to in the view that is live from before it began until after it ended; it may run again."""
        result, _ = await self._in_live(do)
        return result

    async def in_all(self, do: Callable[[int], Awaitable[None]]) -> None:
        """The same, and then in the view that had joined it by the end."""
        _, views = await self._in_live(do)
        if views.joined is not None:
            await do(views.joined)

    async def _in_live(self, do: Callable[[int], Awaitable[Result]]) -> tuple[Result, Views]:
        view = await self.ready()
        while True:
            result = await do(view)
            seen = await self._look()
            if seen.live == view:
                return result, seen
            view = seen.live

    async def _look(self) -> Views:
        views = await self.ask(self.about.find_one({"_id": "views"}))
        if views is None:
            self._live = None
            raise driver.Unusable(missing(self.name))
        self._live, joined = int(views["live"]), views.get("joined")
        return Views(self._live, None if joined is None else int(joined))


def check(name: str, schema: Mapping[str, Any] | None) -> None:
    """Raises Unusable unless the schema is the one this program knows."""
    if schema is None or schema["version"] < VERSION:
        raise driver.Unusable(missing(name))
    if schema["version"] > VERSION:
        raise driver.Unusable(f"{name} was written by a newer version of myticket: use that one")


def missing(name: str) -> str:
    return f"{name} has no or an older schema: run `myticket migrate mypage` first"
