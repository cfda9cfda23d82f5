"""PostgreSQL, MongoDB and Kafka for the tests that ask for them; nothing is started for those that do not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.real import RealServices

SERVICES = pytest.StashKey[RealServices]()


def pytest_configure(config: pytest.Config) -> None:
    capture = config.pluginmanager.getplugin("capturemanager")
    config.stash[SERVICES] = RealServices(capture.global_and_fixture_disabled)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> Iterator[None]:
    """After all the others: these lines are to be seen."""
    yield
    if lines := config.stash[SERVICES].told():
        terminalreporter.section("not tried")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def real_services(pytestconfig: pytest.Config) -> Iterator[RealServices]:
    yield pytestconfig.stash[SERVICES]
    pytestconfig.stash[SERVICES].stop()


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
