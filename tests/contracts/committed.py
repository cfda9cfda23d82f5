"""What is committed under contracts/, made anew by the running code. The pacts are made in pacts.py."""

import json
from pathlib import Path

from apps import asyncapi, describing, events
from apps.places import SERVICES
from apps.settings import Settings

FOLDER = Path(__file__).parents[2] / "contracts"
PORTS = {"ticket": 8082, "book": 8084, "pay": 8081, "alarm": 8085, "mypage": 8083}


async def generated() -> dict[str, str]:
    """Path under contracts/ → its text."""
    files = {f"openapi/{name}.json": await _openapi(name) for name in SERVICES}
    files |= {f"events/{kind.__name__}.schema.json": pretty(events.schema(kind)) for kind in events.PUBLISHED}
    return files | {"asyncapi.yaml": asyncapi.document()}


async def _openapi(service: str) -> str:
    settings = Settings(public_url=f"http://127.0.0.1:{PORTS[service]}")
    return pretty(json.loads(await describing.document(settings, [service])))


def pretty(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
