"""What is worth a log line, told as it happens: events said and records parked. Ids only, nothing about persons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from attrs import frozen
from structlog.contextvars import bind_contextvars

from myticket_core.errors import Unavailable
from myticket_core.messages import Cause, Envelope
from myticket_core.ports import EventPublisher, Parked, Parking
from myticket_core.reacting import Handler

log: Final = structlog.get_logger("myticket")


@frozen
class TellingPublisher:
    """One line per event, once it is in the log."""

    publisher: EventPublisher

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        await self.publisher.publish(envelopes)
        for said in envelopes:
            log.info(said.type, key=said.key, version=said.version, id=said.id, correlation_id=said.correlation_id)


@frozen
class TellingParking:
    """One line per record that somebody has to look after, and a copy of what is durably parked."""

    parking: Parking
    copy: Callable[[Parked], None] | None = None

    async def park(self, parked: Parked) -> bool:
        waits = await self.parking.park(parked)
        if waits and self.copy:
            self.copy(parked)
        tell, what = (log.error, "parked") if waits else (log.warning, "failed here, and was handled elsewhere")
        case = parked.record.headers.get("ce_correlationid")
        tell(what, consumer=parked.consumer, id=parked.id, reason=parked.reason, correlation_id=case)
        return waits

    async def keys(self, consumer: str) -> frozenset[str]:
        return await self.parking.keys(consumer)

    async def waiting(self, consumer: str) -> int:
        return await self.parking.waiting(consumer)

    async def parked(self, consumer: str, key: str | None = None) -> Sequence[Parked]:
        return await self.parking.parked(consumer, key)

    async def release(self, consumer: str, id: str) -> None:
        await self.parking.release(consumer, id)


def in_case(handler: Handler) -> Handler:
    """The handler, with the correlation id of the case in every line that is logged while it runs."""

    async def handle(command: Any, cause: Cause) -> object:
        bind_contextvars(correlation_id=cause.correlation_id)  # a lane of events is a task with a context of its own
        log.debug("handles", command=type(command).__name__, consumer=cause.consumer, id=cause.id)
        return await handler(command, cause)

    return handle


def waiting_told(handler: Handler, tell: Callable[[Unavailable], None]) -> Handler:
    """The handler; a store that it cannot have is waited for (`Reactor`), for hours if need be, and told meanwhile."""

    async def handle(command: Any, cause: Cause) -> object:
        try:
            return await handler(command, cause)
        except Unavailable as down:
            tell(down)
            raise

    return handle
