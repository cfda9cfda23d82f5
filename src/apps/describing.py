"""`myticket openapi`, `myticket graphql-schema`: what would be served, without a store, a socket or a token."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any, Final

import attrs

from adapters.rest import (
    BookingApi,
    MypageApi,
    NotificationApi,
    PaymentApi,
    Service,
    TicketApi,
    TrustedMesh,
    create_app,
)
from adapters.system import RandomIds, SystemClock
from apps.settings import Settings

APIS: Final[dict[str, Any]] = {
    "ticket": TicketApi,
    "book": BookingApi,
    "pay": PaymentApi,
    "alarm": NotificationApi,
    "mypage": MypageApi,
}
DOCUMENT: Final = "/schema/openapi.json"


async def document(settings: Settings, services: Sequence[str]) -> str:
    """OpenAPI 3.1, as the services answer it themselves under /schema/openapi.json."""
    url = settings.public_url or f"http://127.0.0.1:{settings.port}"
    apis = [_without_use_cases(APIS[name]) for name in services]
    app = create_app(*apis, tokens=TrustedMesh(), ids=RandomIds(), clock=SystemClock(), public_url=url)
    return (await _got(app, DOCUMENT)).decode()


def graphql_schema(services: Sequence[str]) -> str:
    """SDL with the directives of federation; of several services, as one graph has them all."""
    from adapters.graphql import Schema

    return f"{Schema(services).as_str()}\n"


def _without_use_cases(api: Any) -> Any:
    """To describe an operation is not to carry it out."""
    return api(*(None for _ in attrs.fields(api)))


async def _got(app: Service, path: str) -> bytes:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    await app({**scope, "headers": [], "http_version": "1.1", "scheme": "http", "root_path": ""}, receive, send)
    return b"".join(message.get("body", b"") for message in sent)
