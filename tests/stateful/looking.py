"""The whole system as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from myticket_core.errors import Unreadable
from myticket_core.invariants import (
    BookingPageRow,
    BookingRow,
    ChargeRow,
    LogRow,
    NotificationRow,
    OutboxRow,
    PaymentRow,
    SaleRow,
    Snapshot,
    TicketPageRow,
    TicketRow,
    WaitingRow,
)
from myticket_core.values import millis
from myticket_core.wire import decode
from tests.stateful.services import CHANNELS

if TYPE_CHECKING:
    from tests.stateful.world import World


def look(world: World) -> Snapshot:
    """All of it at one instant, which no real audit can have."""
    return Snapshot(
        now=millis(world.book.clock.now()),
        tickets=[ticket_row(it) for it in world.ticket.store.tickets.values()],
        sales=[sale_row(it) for it in world.book.store.sales.values()],
        bookings=[booking_row(it) for it in world.book.store.bookings.values()],
        waiting=[waiting_row(it) for it in world.book.store.waiting.values()],
        payments=[payment_row(it) for it in world.pay.store.payments.values()],
        charges=charge_rows(world),
        outbox=[row for service in world.services for row in outbox_rows(service)],
        log=log_rows(world),
        notifications=[notification_row(it.message, it.status) for it in world.alarm.store.notifications.values()],
        channels=CHANNELS,
        booking_pages=[booking_page_row(it) for it in world.mypage.store.live.bookings.values()],
        ticket_pages=[ticket_page_row(it) for it in world.mypage.store.live.tickets.values()],
        rebuilt=world.rebuilt,
        keys=world.book.store.placed,
        answers=world.answers,
        moves=[move for service in world.services for move in service.store.moves],
    )


def ticket_row(it: Any) -> TicketRow:
    same = {name: getattr(it, name) for name in ("id", "company_id", "price", "name", "capacity", "version")}
    return TicketRow(**same, start_date=millis(it.starts), end_date=millis(it.ends), status=it.status.value)


def sale_row(it: Any) -> SaleRow:
    names = ("ticket_id", "ceiling", "held", "booked", "deleted", "version", "waiting")
    same = {name: getattr(it, name) for name in names}
    terms = {"capacity": it.terms.capacity, "offer_version": it.terms.version}
    return SaleRow(**same, **terms, paused=bool(it.campaign and it.campaign.paused))


def booking_row(it: Any) -> BookingRow:
    names = ("id", "ticket_id", "company_id", "customer_id", "price", "payment_id", "version",
             "cancel_fee", "refund")  # fmt: skip
    return BookingRow(
        **{name: getattr(it, name) for name in names},
        status=it.status.value,
        expires_at=millis(it.expires_at),
        start_date=millis(it.starts),
        end_date=millis(it.ends),
        cancel_until=millis(it.cancel_until),
    )


def waiting_row(it: Any) -> WaitingRow:
    names = ("id", "ticket_id", "customer_id", "number", "booking_id", "version")
    return WaitingRow(**{name: getattr(it, name) for name in names}, status=it.status.value)


def payment_row(it: Any) -> PaymentRow:
    names = ("id", "booking_id", "company_id", "customer_id", "price", "charge", "version")
    refund = {f"refund_{name}": it.refund and getattr(it.refund, name) for name in ("status", "amount", "round")}
    members = {**{name: getattr(it, name) for name in names}, **refund}
    return PaymentRow(**members, status=it.status.value, in_doubt=it.doubt_until is not None)


def charge_rows(world: World) -> list[ChargeRow]:
    kept, back = world.provider.memory.amounts, world.provider.memory.refunded
    return [
        ChargeRow(key=key, amount=kept.get(key, 0) + back.get(key, 0), refunded=back.get(key, 0)) for key in kept | back
    ]


def outbox_rows(service: Any) -> list[OutboxRow]:
    names = ("id", "type", "key", "version", "correlation_id", "causation_id")
    return [
        OutboxRow(
            service=service.name,
            published=id not in service.store.outbox,
            **{name: getattr(it, name) for name in names},
        )
        for id, it in service.store.everything.items()
    ]


def log_rows(world: World) -> list[LogRow]:
    rows = []
    for record in world.log.memory.records:
        try:
            it = decode(record)
        except Unreadable:
            continue
        rows.append(LogRow(id=it.id, type=it.type, key=it.key, version=it.version))
    return rows


def notification_row(it: Any, status: str) -> NotificationRow:
    names = ("event_id", "event", "channel", "correlation_id", "customer_id", "company_id")
    return NotificationRow(**{name: getattr(it, name) for name in names}, status=str(status))


def booking_page_row(it: Any) -> BookingPageRow:
    return BookingPageRow(**{name: getattr(it, name) for name in BookingPageRow.__annotations__})


def ticket_page_row(it: Any) -> TicketPageRow:
    return TicketPageRow(**{name: getattr(it, name) for name in TicketPageRow.__annotations__})
