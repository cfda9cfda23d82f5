"""The services as they are composed, on SQLite, served by uvicorn in a thread: pacts are verified against it quickly.

Before each interaction everything is new, so that the first ticket is ticket 1, and then the state is made by use.
"""

import asyncio
import shutil
import threading
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn

from adapters.persistence import migrate
from adapters.rest import create_app
from adapters.rest.problems import BadToken
from adapters.system import RandomIds, SystemClock
from apps import places
from apps.composing import composed
from apps.gauges import SPEAKING
from apps.server import listen
from apps.settings import Settings
from myticket_core.access import Principal, Role
from myticket_core.ports import Outbox, Record
from myticket_core.reacting import Reactor
from myticket_core.relay import Relay
from tests.contracts.states import STATES

NOW, PATIENCE = timedelta(0), timedelta(seconds=30)
NAMES = {"organizer": "company_id", "customer": "customer_id"}


class Names:
    """Tokens that say in plain words who asks: `organizer-1`, `customer-1`, `service`. Tokens have tests elsewhere."""

    async def principal(self, authorization: str | None) -> Principal | None:
        if authorization is None:
            return None
        role, _, id = authorization.removeprefix("Bearer ").partition("-")
        if role not in set(Role):
            raise BadToken(f"{authorization} says nobody")
        return Principal(authorization, Role(role), **({NAMES[role]: int(id)} if role in NAMES else {}))


class Provider:
    """All five; `name` is the one whose routes are served, `files` what lies in the folder."""

    files: Sequence[str] = ("log", *places.SERVICES)

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self._folder = name, folder
        self.services: Any = {}
        self._outboxes: Mapping[str, Outbox] = {}
        self._closing = AsyncExitStack()
        self._app: Any = None
        self._listener = listen("127.0.0.1", 0)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._server = uvicorn.Server(_config(self._answer))
        self._thread = threading.Thread(target=self._run, name=f"{name} of the contracts", daemon=True)

    def start(self) -> None:
        migrated(self._folder / "empty", self.files)
        self._thread.start()

    def stop(self) -> None:
        self._do(self._closing.aclose())
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()

    def become(self, state: str) -> None:
        """Everything anew, and then in this state. Raises KeyError: a consumer asks for a state nobody can make."""
        self._do(self._become(state))

    def said(self, event: str) -> Record:
        """The last event of this type, as it was published. Raises LookupError: there is none."""
        return [record for record in self.log() if record.headers["ce_type"] == event][-1]

    def log(self) -> Sequence[Record]:
        """Everything that was published since it became what it is."""
        return self._do(self._read())

    async def settle(self) -> None:
        """Everything published, heard by everybody and followed up, until nothing more happens."""
        while await self._step():
            pass

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve([self._listener]))
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    async def _become(self, state: str) -> None:
        make = STATES[state]
        await self._closing.aclose()
        folder = self._folder / "now"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._folder / "empty", folder)
        await self._anew(Settings(data=folder, payment_timeout_seconds=PATIENCE))
        await make(self)
        await self.settle()

    async def _anew(self, settings: Settings) -> None:
        await self._compose(settings, places.stores(settings))
        api = self.services[self.name].api()
        self._app = create_app(api, tokens=Names(), ids=RandomIds(), clock=SystemClock(), public_url=self.url)

    async def _compose(self, settings: Settings, stores: Mapping[str, str]) -> None:
        made = await self._closing.enter_async_context(composed(settings, stores, places.SERVICES))
        self.services = {name: made[name] for name in places.SERVICES}
        self._outboxes = {name: self._outbox(self.services[name]) for name in SPEAKING}

    def _outbox(self, service: Any) -> Outbox:
        found: Outbox = service.outbox()
        return found

    async def _read(self) -> Sequence[Record]:
        return await self._log.reader("contracts").read(1000, NOW)

    @property
    def _log(self) -> Any:
        return self.services["ticket"].log()

    async def _step(self) -> int:
        done = 0
        for name, outbox in self._outboxes.items():
            done += await Relay(outbox, self.services[name].publisher())()
        for name, service in self.services.items():
            reader, parking = self._log.reader(name), service.parking()
            done += await Reactor(service.consumer(), reader, parking, SystemClock(), service.together())(NOW)
        await self.services["book"].campaign()()
        await self.services["pay"].settle()()
        return done + await self.services["alarm"].deliver()()


def _config(app: Any) -> uvicorn.Config:
    """A request that hangs fails its own interaction and does not keep the server from stopping."""
    return uvicorn.Config(
        app, interface="asgi3", lifespan="off", log_config=None, ws="none", timeout_graceful_shutdown=1
    )


def migrated(folder: Path, names: Sequence[str] = Provider.files) -> None:
    """Stores of a data folder, empty."""
    stores = places.stores(Settings(data=folder))
    folder.mkdir(parents=True)
    for name in names:
        migrate(stores[name], name)
