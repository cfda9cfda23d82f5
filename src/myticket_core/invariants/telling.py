"""Invariants 5, 8, 9 and 16: what is said, and who hears it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from myticket_core.invariants.finding import KINDS, LAST, Found, by
from myticket_core.invariants.remembered import Remembered
from myticket_core.invariants.rows import OutboxRow, Snapshot


def said_as_changed(snapshot: Snapshot) -> Found:
    """8. A committed change ⇔ its outbox rows: an aggregate in version n said 1 … n, the last fits its status.

    The first of them may have been forgotten.
    """
    said = by(lambda row: (KINDS.get(row.type, "?"), row.key), snapshot.outbox or ())
    states, remembered = dict(_states(snapshot)), Remembered.of(snapshot)
    for aggregate in said.keys() - states.keys():
        yield f"said {said[aggregate][-1].type}, but there is no such {aggregate[0]}", aggregate
    for aggregate, (version, status) in states.items():
        rows = said.get(aggregate, [])
        first = remembered.first(aggregate, version, rows)
        if [row.version for row in rows] != list(range(first, version + 1)):
            yield f"in version {version}, said {[row.version for row in rows]}", aggregate
        elif (rows or first == 1) and not _fits(aggregate[0], status, rows):
            yield f"{status}, said {rows[-1].type if rows else 'nothing'} last", aggregate


def _fits(kind: str, status: str, rows: Sequence[OutboxRow]) -> bool:
    return (rows[-1].type if rows else None) in LAST.get((kind, status), ("SoldOut", "BackOnSale", None))


def _states(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], tuple[int, str]]]:
    for ticket in snapshot.tickets or ():
        yield ("ticket", str(ticket.id)), (ticket.version, ticket.status)
    for sale in snapshot.sales or ():
        yield ("sale", str(sale.ticket_id)), (sale.version, "")
    for booking in snapshot.bookings or ():
        yield ("booking", str(booking.id)), (booking.version, booking.status)
    for place in snapshot.waiting or ():
        yield ("place", str(place.id)), (place.version, place.status)
    for payment in snapshot.payments or ():
        yield ("payment", str(payment.booking_id)), (payment.version, payment.status)


def published(snapshot: Snapshot) -> Found:
    """9. Everything said is in the log in the end."""
    known = {row.id for row in snapshot.log or ()}
    for row in snapshot.outbox or ():
        if row.id not in known:
            yield f"{row.type} of {row.key} is not in the log", (row.id,)


def marked_is_in_the_log(snapshot: Snapshot) -> Found:
    """9. What is marked as published is in the log."""
    known = {row.id for row in snapshot.log or ()}
    for row in snapshot.outbox or ():
        if row.published and row.id not in known:
            yield f"{row.type} of {row.key} is marked as published and is not in the log", (row.id,)


def in_order(snapshot: Snapshot) -> Found:
    """9. The log first shows an aggregate's versions as 1, 2, 3 …; what is repeated later does not count."""
    seen: set[str] = set()
    last: dict[tuple[str, str], int] = {}
    for row in snapshot.log or ():
        if row.version is None or row.id in seen:
            continue
        seen.add(row.id)
        aggregate = KINDS.get(row.type, "?"), row.key
        if row.version != last.get(aggregate, 0) + 1:
            yield f"{row.type} in version {row.version} came after {last.get(aggregate, 0)}", aggregate
        last[aggregate] = row.version


def refund_is_told(snapshot: Snapshot) -> Found:
    """5. One notification of each PaymentCanceled per recipient and channel."""
    yield from _told(snapshot, [row for row in snapshot.outbox or () if row.type == "PaymentCanceled"])


def everything_is_told(snapshot: Snapshot) -> Found:
    """9. The effect of each event on a consumer is once: the same for everything else that people hear of."""
    yield from _told(snapshot, [row for row in snapshot.outbox or () if row.type != "PaymentCanceled"])


def _told(snapshot: Snapshot, rows: Sequence[OutboxRow]) -> Found:
    due = dict(_recipients(snapshot))
    told = by(lambda row: (row.event_id, row.customer_id, row.company_id, row.channel), snapshot.notifications or ())
    for row in rows:
        for customer_id, company_id in due.get((row.type, row.key), ()):
            for channel in snapshot.channels or ():
                times = len(told.get((row.id, customer_id, company_id, channel), ()))
                if times != 1:
                    whom = f"customer {customer_id}" if company_id is None else f"company {company_id}"
                    yield f"{whom} was told {times} times of {row.type} of {row.key} by {channel}", (row.id,)


Recipient = tuple[int | None, int | None]


def _recipients(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], tuple[Recipient, ...]]]:
    """(event, key) → (customer, company) of everybody who is to hear of it."""
    for ticket in snapshot.tickets or ():
        for kind in ("TicketRegistered", "TicketChanged", "TicketDeleted"):
            yield (kind, str(ticket.id)), ((None, ticket.company_id),)
    for booking in snapshot.bookings or ():
        company: Recipient = (None, booking.company_id)
        yield ("Booked", str(booking.id)), (company,)
        yield ("PaymentDue", str(booking.id)), ((booking.customer_id, None),)
        both = booking.payment_id is not None  # whoever sells it is not bothered with a hold that ended
        yield ("BookCanceled", str(booking.id)), ((booking.customer_id, None), *((company,) if both else ()))
    for place in snapshot.waiting or ():
        yield ("WaitingEnded", str(place.id)), ((place.customer_id, None),)
    for payment in snapshot.payments or ():
        for kind in ("PaymentApproved", "PaymentCanceled"):
            yield (kind, str(payment.booking_id)), ((payment.customer_id, None),)
        everybody = ((payment.customer_id, None), (None, payment.company_id))
        yield ("RefundFailed", str(payment.booking_id)), everybody


def correlation_is_kept(snapshot: Snapshot) -> Found:
    """16. What an event causes carries its correlation id; a refund, made or failed, that of the cancel it is for."""
    events = {row.id: row for row in snapshot.outbox or ()}
    canceled = {row.key: row for row in events.values() if row.type == "BookCanceled"}
    for row in events.values():
        causes = [events.get(row.causation_id or "")]
        causes += [canceled.get(row.key)] if row.type in ("PaymentCanceled", "RefundFailed") else []
        for cause in causes:
            if cause is not None and cause.correlation_id != row.correlation_id:
                yield f"{row.type} is of {row.correlation_id}, its {cause.type} of {cause.correlation_id}", (row.id,)


def told_correlation_is_kept(snapshot: Snapshot) -> Found:
    """16. … down to the notification."""
    events = {row.id: row for row in snapshot.outbox or ()}
    for told in snapshot.notifications or ():
        event = events.get(told.event_id)
        if event is not None and event.correlation_id != told.correlation_id:
            yield f"told of {event.type} under {told.correlation_id}, not {event.correlation_id}", (told.event_id,)


def causes_have_no_cycle(snapshot: Snapshot) -> Found:
    """16. Following the causes back ends."""
    causes = {row.id: row.causation_id for row in snapshot.outbox or ()}
    ends: set[str] = set()
    for start in causes:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in ends and at not in path:
            path.append(at)
            at = causes.get(at)
        if at in path:
            yield "it is its own cause", (start,)
        ends.update(path)
