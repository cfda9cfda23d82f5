"""The simulation is worth something only if it sees what is missing: each guard is taken away, and it has to notice."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from attrs import evolve

import adapters.memory.notifications as notifications
from adapters.memory import MemoryDatabase
from myticket_core.access import EVERYTHING
from myticket_core.booking import collect
from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Declined, Unknown
from myticket_core.booking.sale import Sale
from myticket_core.mypage.model import News
from myticket_core.paging import Paging
from myticket_core.payment.cancel import PaymentCanceler
from myticket_core.payment.model import TABLE, Payment, Status, Step
from myticket_core.reacting import Reactor
from myticket_core.relay import Relay
from tests.stateful.play import Play
from tests.stateful.ports import Ledger
from tests.stateful.scheduler import Process
from tests.stateful.services import Service

SEEDS = 100
"""Enough to see each of these many times over; the test says how soon it was."""

Patch = pytest.MonkeyPatch


def no_inbox(patch: Patch) -> None:
    """Neither (consumer, event) nor (event, recipient, channel) is remembered."""
    numbers = count()
    patch.setattr(MemoryDatabase, "handled", lambda self, cause: False)
    patch.setattr(notifications, "unique", lambda message: (next(numbers),))


def no_capacity_guard(patch: Patch) -> None:
    patch.setattr(Sale, "remaining", property(lambda self: None))


def no_line_guard(patch: Patch) -> None:
    """Whoever comes first gets a seat that others wait for."""
    patch.setattr(Sale, "remaining", Sale.free)


def no_tombstone(patch: Patch) -> None:
    """A cancel of what pay has never heard of is forgotten."""
    told = PaymentCanceler.__call__

    async def only_if_known(self, order, cause):
        known = await self.payments.list(EVERYTHING, Paging(size=1000))
        if any(payment.booking_id == order.booking_id for payment in known.items):
            await told(self, order, cause)

    patch.setattr(PaymentCanceler, "__call__", only_if_known)


def no_void(patch: Patch) -> None:
    """A tombstone that takes whatever comes later."""
    patch.setitem(TABLE, (Status.VOID, Step.APPROVE), Status.APPROVED)


def no_version_guard(patch: Patch) -> None:
    patch.setattr(News, "newer", lambda self, seen: True)


def no_idempotency_keys(patch: Patch) -> None:
    patch.setattr(MemoryDatabase, "kept", lambda self, kind, cause: None)


def outbox_apart(patch: Patch) -> None:
    """State first, events in a commit of their own, a moment later."""
    commit = Ledger.commit
    processes: dict[int, Process] = {}
    boot = Service.boot

    def booting(self):
        processes[id(self.store)] = self.process
        boot(self)

    def apart(self, cause, events, *rows):
        commit(self, cause, (), *rows)

        async def later():
            await processes[id(self)].scheduler.pause()
            commit(self, evolve(cause, consumer=None), events)

        if events:
            processes[id(self)].spawn(later())

    patch.setattr(Service, "boot", booting)
    patch.setattr(Ledger, "commit", apart)


def no_memory_of_doubt(patch: Patch) -> None:
    """That a charge was sent is not remembered before it is sent."""
    patch.setattr(Payment, "asked", lambda self, method, now, doubt_until: (self, ()))


def timeout_read_as_refusal(patch: Patch) -> None:
    settle = collect.settle

    async def hasty(booking, outcome, bookings, cause) -> Booking:
        return await settle(booking, Declined("no answer") if outcome == Unknown() else outcome, bookings, cause)

    patch.setattr(collect, "settle", hasty)


def offset_before_effect(patch: Patch) -> None:
    handle = Reactor._handle_all

    async def hasty(self, records):
        await self.log.commit(records)
        await handle(self, records)

    patch.setattr(Reactor, "_handle_all", hasty)


def marked_before_published(patch: Patch) -> None:
    async def hasty(self):
        envelopes = await self.outbox.pending(self.batch)
        await self.outbox.published([envelope.id for envelope in envelopes])
        if envelopes:
            await self.publisher.publish(envelopes)
        return len(envelopes)

    patch.setattr(Relay, "__call__", hasty)


def correlation_forgotten(patch: Patch) -> None:
    """The refund belongs to the booking, not to the cancel that asked for it."""
    canceled = Payment.canceled
    patch.setattr(Payment, "canceled", lambda self, why, _, *more: canceled(self, why, self.correlation_id, *more))


def fee_forgotten(patch: Patch) -> None:
    """Pay gives back all that was paid, whatever the cancel says."""
    canceled = PaymentCanceler.__call__
    patch.setattr(
        PaymentCanceler, "__call__", lambda self, order, cause: canceled(self, evolve(order, refund=None), cause)
    )


def used_forgotten(patch: Patch) -> None:
    """A booking does not know that somebody was let in with it."""
    patch.setattr(Booking, "used", property(lambda self: False))


GUARDS: list[tuple[Callable[[Patch], None], set[int]]] = [
    (no_inbox, {5, 9}),
    (no_capacity_guard, {1}),
    (no_line_guard, {1}),
    (no_tombstone, {4}),
    (no_void, {4}),
    (no_version_guard, {10}),
    (no_idempotency_keys, {11}),
    (outbox_apart, {8}),
    (no_memory_of_doubt, {4}),
    (timeout_read_as_refusal, {4}),
    (offset_before_effect, {4, 5, 9, 10}),
    (marked_before_published, {9}),
    (correlation_forgotten, {16}),
    (fee_forgotten, {5}),
    (used_forgotten, {11}),
    (used_forgotten, {18}),
]


@pytest.mark.parametrize("remove, expected", GUARDS, ids=[remove.__name__ for remove, _ in GUARDS])
def test_a_missing_guard_is_noticed(remove, expected, monkeypatch):
    remove(monkeypatch)
    for seed, seen in enumerate(_seen()):
        if seen & expected:
            print(f"noticed by seed {seed}: {sorted(seen)}")
            return
    pytest.fail(f"{SEEDS} seeds did not notice it")


def _seen() -> Iterator[set[int]]:
    for seed in range(SEEDS):
        yield {violation.invariant for violation in Play(seed).run().violations}
