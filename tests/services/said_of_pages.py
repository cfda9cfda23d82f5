"""Every kind of event that my page knows of, and the same in more than one order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count

from attrs import evolve

from myticket_core.booking.events import BookCanceled, Booked, PaymentDue
from myticket_core.conformance.builders import NOW
from myticket_core.messages import Cause, Envelope, Event
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered

BOOKINGS_OF_A_TICKET = 25


def said(number: int, chance: random.Random) -> list[list[Envelope]]:
    """About so many events: what each source says of one thing, in its order."""
    lanes: list[list[Envelope]] = []
    for id in count(1):
        lanes += (_sealed(events, chance) for events in _of_booking(id, chance))
        if id % BOOKINGS_OF_A_TICKET == 1:
            lanes.append(_sealed(_of_ticket(id // BOOKINGS_OF_A_TICKET + 1, chance), chance))
        if sum(map(len, lanes)) >= number:
            return lanes
    raise AssertionError


def in_some_order(lanes: Sequence[Sequence[Envelope]], chance: random.Random) -> list[Envelope]:
    """Each lane in its order; which comes before which of another is chance."""
    turns = [lane for lane, events in enumerate(lanes) for _ in events]
    chance.shuffle(turns)
    left = [iter(lane) for lane in lanes]
    return [next(left[lane]) for lane in turns]


def repeated(events: Sequence[Envelope], chance: random.Random) -> list[Envelope]:
    """Some come once more, behind whatever came meanwhile."""
    again = [(at + chance.randrange(1, 200), 1, it) for at, it in enumerate(events) if chance.random() < 0.1]
    in_place = sorted([*again, *((at, 0, it) for at, it in enumerate(events))], key=lambda placed: placed[:2])
    return [it for _, _, it in in_place]


def _of_booking(id: int, chance: random.Random) -> Iterator[list[Event]]:
    """By booking, then by payment."""
    ticket, price = (id - 1) // BOOKINGS_OF_A_TICKET + 1, chance.randrange(0, 2**40)
    about = {"ticket_id": ticket, "price": price, "company_id": ticket % 7 + 1, "customer_id": chance.randrange(1, 50)}
    about |= {"start_date": 1_800_000_000_000, "end_date": chance.choice([None, 1_800_000_360_000])}
    terms = {"cancel_until": chance.choice([None, 1_799_000_000_000]), "cancel_fee": price // 10}
    held = [PaymentDue(id=id, status="PENDING", expires_at=9, **about, **terms)] * chance.randrange(3)
    back = chance.choice([None, price - price // 10])
    ends = [
        [Booked(id=id, status="BOOKED", payment_id=id, **about, **terms)],
        [BookCanceled(id=id, status=chance.choice(["EXPIRED", "DECLINED"]), reason="지나갔습니다", **about)],
    ]
    end = ends[0] if not held or chance.random() < 0.8 else ends[1]
    if end is ends[0] and chance.random() < 0.4:
        end = [*end, BookCanceled(id=id, status="CANCELED", refund=back, **about, **terms)]
    yield _counted([*held, *end])
    paid = [
        PaymentApproved(id=id + 5, book_id=id, status="APPROVED", **(about | {"price": price + chance.randrange(2)}))
    ]
    del about["start_date"], about["end_date"]
    failed = [RefundFailed(id=id + 5, book_id=id, status="CANCELING", amount=back, **about)] * chance.randrange(2)
    gone = [PaymentCanceled(id=id + 5, book_id=id, status="CANCELED", refunded=back, **about)]
    yield _counted([*paid, *(failed + gone if chance.random() < 0.5 else ())])


def _of_ticket(id: int, chance: random.Random) -> list[Event]:
    about = {"company_id": id % 7 + 1, "name": chance.choice(["봄 콘서트", 'Café "1"', None]), "price": 15_000}
    kinds = (TicketRegistered, *([TicketChanged] * chance.randrange(4)))
    told = [kind(id=id, status="ON_SALE", **about, capacity=chance.choice([None, 2**53 - 1])) for kind in kinds]
    gone = [TicketDeleted(id=id, status="DELETED", **about)] * chance.randrange(2)
    return _counted([*told, *gone])


def _counted(events: Sequence[Event]) -> list[Event]:
    return [evolve(event, version=number) for number, event in enumerate(events, 1)]


def _sealed(events: Sequence[Event], chance: random.Random) -> list[Envelope]:
    """At times that go on, within a lane."""
    at, sealed = NOW, []
    for event in events:
        at += timedelta(milliseconds=chance.randrange(3) * 500)
        of = f"{event.SOURCE}-{event.id}"
        sealed.append(Envelope.seal(event, Cause("because", of), f"{type(event).__name__}-{of}-{event.version}", at))
    return sealed
