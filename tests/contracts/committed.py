"""What is committed under contracts/, made anew by the running code."""

import json

from apps import asyncapi, describing, event_schemas
from apps.places import SERVICES
from apps.settings import Settings
from tests.contracts.asking import book_asks
from tests.contracts.demo_asks import demo_asks
from tests.contracts.hearing import everybody_hears
from tests.contracts.pacts import Pacts
from tests.contracts.written import FOLDER, pretty

PORTS = {"ticket": 8082, "book": 8084, "pay": 8081, "alarm": 8085, "mypage": 8083}


async def described() -> dict[str, str]:
    """Path under contracts/ → its text."""
    files = {f"openapi/{name}.json": await _openapi(name) for name in SERVICES}
    files |= {
        f"events/{kind.__name__}.schema.json": pretty(event_schemas.schema(kind)) for kind in event_schemas.PUBLISHED
    }
    files |= {f"graphql/{name}.graphql": describing.graphql_schema([name]) for name in SERVICES}
    return files | {"graphql/all.graphql": describing.graphql_schema(SERVICES), "asyncapi.yaml": asyncapi.document()}


async def agreed() -> dict[str, str]:
    """The pacts, each said by the consumer's own code while it is tried."""
    pacts = Pacts()
    await everybody_hears(pacts)
    await book_asks(pacts)
    await demo_asks(pacts)
    return pacts.texts()


def found(*patterns: str) -> dict[str, str]:
    """What lies there."""
    files = sorted(file for pattern in patterns for file in FOLDER.glob(pattern))
    return {file.relative_to(FOLDER).as_posix(): file.read_text(encoding="utf-8") for file in files}


def kept_descriptions() -> dict[str, str]:
    return found("openapi/*", "events/*", "graphql/*", "asyncapi.yaml")


def kept_pacts() -> dict[str, str]:
    """Not those under pacts/others: teams elsewhere bring them."""
    return found("pacts/*.json")


def differing(said: dict[str, str], kept: dict[str, str]) -> list[str]:
    return sorted(path for path in said.keys() | kept.keys() if said.get(path) != kept.get(path))


async def _openapi(service: str) -> str:
    settings = Settings(public_url=f"http://127.0.0.1:{PORTS[service]}")
    return pretty(json.loads(await describing.document(settings, [service])))
