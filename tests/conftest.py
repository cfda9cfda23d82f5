"""Servers and a browser for the tests that ask for them; nothing is started for others."""

from __future__ import annotations

import gc
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import structlog

from scripts.services.ports import PORTS
from tests.real import RealServices, Started
from tests.sharing import Desk, asking

SERVICES = pytest.StashKey[RealServices]()
DESK = pytest.StashKey[Desk]()
MISSING = "missing services"


def pytest_configure(config: pytest.Config) -> None:
    """A worker of pytest-xdist asks its controller; one process alone, and the controller, start what is asked for."""
    gc.set_threshold(100_000)  # what is collected stays: looking through it was a quarter of the time it took
    capture = config.pluginmanager.getplugin("capturemanager")
    started = Started(capture.global_and_fixture_disabled)
    worker = getattr(config, "workerinput", {})
    if worker:
        PORTS.share(int(worker["workerid"].removeprefix("gw")), worker["workercount"])
    desk = worker.get("desk")
    config.stash[SERVICES] = RealServices(started, asking(desk) if desk else started.url)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVICES].started.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers begin with the files that take long: nobody is left alone with them in the end.

    They have to agree on what the tests are called.
    """
    if unstable := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"called otherwise in every process, give it ids: {unstable[0]}")
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What has been imported stays. Looking through all of it again and again, the collector stops a process for a
    second and more, which is a missed deadline or an open circuit to whoever is tested just then.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(700)


@pytest.fixture(autouse=True)
def logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that runs in this process leaves no loggers behind whose lines later tests would look for in vain."""
    configure = structlog.configure
    monkeypatch.setattr(structlog, "configure", lambda **said: configure(**said | {"cache_logger_on_first_use": False}))
    yield
    structlog.reset_defaults()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the controller, for each worker before it begins."""
    services = node.config.stash[SERVICES]
    node.workerinput["desk"] = node.config.stash.setdefault(DESK, Desk(services.shared)).address


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[MISSING] = session.config.stash[SERVICES].missing


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """In the controller, for each worker that has ended; one that died has no output."""
    node.config.stash[SERVICES].missing.update(getattr(node, "workeroutput", {}).get(MISSING, {}))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> Iterator[None]:
    """After all the others: these lines are to be seen."""
    yield
    if lines := config.stash[SERVICES].told():
        terminalreporter.section("not tried")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def real_services(pytestconfig: pytest.Config) -> RealServices:
    return pytestconfig.stash[SERVICES]


@pytest.fixture(scope="session")
def postgres_url(real_services: RealServices) -> str:
    """Of a user who may make databases; the database in it is none to write to."""
    return real_services.url("MYTICKET_TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def mongodb_url(real_services: RealServices) -> str:
    return real_services.url("MYTICKET_TEST_MONGODB_URL")


@pytest.fixture(scope="session")
def kafka(real_services: RealServices) -> str:
    """The bootstrap servers of a broker that makes no topic by itself."""
    return real_services.url("MYTICKET_TEST_KAFKA")


@pytest.fixture(scope="session")
def stripe_mock(real_services: RealServices) -> str:
    return real_services.url("MYTICKET_TEST_STRIPE_URL")


@pytest.fixture(scope="session")
def chromium(real_services: RealServices) -> str:
    """Where its DevTools protocol is spoken."""
    return real_services.url("MYTICKET_TEST_CHROMIUM")


@pytest.fixture
def terminal() -> Iterator[None]:
    """Whoever is started is told when it closes, though these tests may run under nohup and hand that on."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[str]:
    """The URL of an empty database of this test, dropped afterwards whoever is still connected."""
    import asyncpg

    name = _fresh()
    server = await asyncpg.connect(postgres_url)
    try:
        await server.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
        await server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await server.close()


@pytest.fixture
def mongodb_database(mongodb_url: str) -> Iterator[str]:
    """The name of a database of this test, dropped afterwards."""
    from pymongo import MongoClient

    name = _fresh()
    yield name
    with MongoClient(mongodb_url) as client:
        client.drop_database(name)


@pytest.fixture
def kafka_topic(kafka: str) -> str:
    """The name of a topic that nobody has made yet."""
    return _fresh()


def _fresh() -> str:
    return f"test_{uuid4().hex}"
