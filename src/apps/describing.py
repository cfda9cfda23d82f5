"""`myticket openapi`, `myticket graphql-schema`: what would be served, without a store, a socket or a token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import msgspec

from adapters.rest import (
    BookingApi,
    MypageApi,
    NotificationApi,
    PaymentApi,
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


async def document(settings: Settings, services: Sequence[str]) -> str:
    """OpenAPI 3.1, as the services answer it themselves under /schema/openapi.json."""
    url = settings.public_url or f"http://127.0.0.1:{settings.port}"
    apis = [_without_use_cases(APIS[name]) for name in services]
    app = create_app(*apis, tokens=TrustedMesh(), ids=RandomIds(), clock=SystemClock(), public_url=url)
    return msgspec.json.encode(app.description.document).decode()


def graphql_schema(services: Sequence[str]) -> str:
    """SDL with the directives of federation; of several services, as one graph has them all."""
    from adapters.graphql import Schema

    return f"{Schema(services).as_str()}\n"


def _without_use_cases(api: Any) -> Any:
    """To describe an operation is not to carry it out."""
    return api(*(None for _ in attrs.fields(api)))
