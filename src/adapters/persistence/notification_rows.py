"""How a notification lies in its row, together with its message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from adapters.persistence.kind import Kind
from adapters.persistence.schema.alarm import NOTIFICATIONS
from adapters.persistence.schema.types import micros, micros_or_null, moment, moment_or_null
from adapters.persistence.statements import Values
from myticket_core.access import Scope
from myticket_core.notification.model import Message, Notification, NotificationId, Status


def row(it: Notification) -> Values:
    message = it.message
    said = (message.event_id, message.event, message.channel, message.text, message.correlation_id)
    about = (message.customer_id, message.company_id, message.booking_id, message.ticket_id)
    times = (micros(it.created_at), micros(it.due_at))
    became = (it.status.value, it.attempts, micros_or_null(it.delivered_at), micros_or_null(it.read_at), it.reason)
    where = f"/{message.place}" if message.place else ""
    return (
        it.id,
        *said,
        *about,
        *times,
        *became,
        recipient_of(message.recipient) + where,
        it.digest,
        micros_or_null(it.waits_until),
    )


def recipient_of(whom: Scope) -> str:
    """One customer or one company, as a column says it."""
    return f"{whom.customer_id or ''}/{whom.company_id or ''}"


def state(row: Sequence[Any]) -> Notification:
    event_id, event, channel, text, correlation, customer, company, booking, ticket = row[1:10]
    created_at, due_at, status, attempts, delivered_at, read_at, reason = row[10:17]
    message = Message(
        event_id=event_id,
        event=event,
        channel=channel,
        text=text,
        correlation_id=correlation,
        customer_id=customer,
        company_id=company,
        booking_id=booking,
        ticket_id=ticket,
        place="".join(row[17].split("/", 2)[2:]),
    )
    return Notification(
        id=NotificationId(row[0]),
        message=message,
        created_at=moment(created_at),
        due_at=moment(due_at),
        status=Status(status),
        attempts=attempts,
        delivered_at=moment_or_null(delivered_at),
        read_at=moment_or_null(read_at),
        reason=reason,
        digest=row[18],
        waits_until=moment_or_null(row[19]),
    )


KIND: Final = Kind(table=NOTIFICATIONS, key="id", state=state, row=row)
