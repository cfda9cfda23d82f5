"""The simulation is worth something only if it sees what is missing: each guard is taken away, and it has to notice."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from attrs import evolve

import adapters.memory.notifications as notifications
from adapters.memory import MemoryBookings, MemoryDatabase
from myticket_core.access import EVERYTHING
from myticket_core.booking import admit, cancel, collect
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
RARELY = 1000
"""For what needs several things to come together, which they do in one seed of a hundred."""

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


def agreement_forgotten(patch: Patch) -> None:
    """What was shown is not what counts."""
    called_off = Booking.called_off
    patch.setattr(Booking, "called_off", lambda self, reason, now, agreed=None: called_off(self, reason, now))


def deletion_forgotten_by_cancels(patch: Patch) -> None:
    """A buyer cancels on the terms of a ticket that is sold."""
    canceled = cancel._canceled
    patch.setattr(cancel, "_canceled", lambda it, sale, *more, **by: canceled(it, _on_sale(sale), *more, **by))


def deletion_forgotten_by_the_line(patch: Patch) -> None:
    """Whoever waits is told to pay, whatever for."""
    patch.setattr(MemoryBookings, "_in_line", lambda self: [(it.due_from, it) for it in self._pending() if it.due_from])
    patch.setattr(admit, "_invited", lambda booking, sale: booking.due())


def _on_sale(sale: Sale) -> Sale:
    return evolve(sale, deleted=False)


GUARDS: list[tuple[Callable[[Patch], None], set[int], int]] = [
    (no_inbox, {5, 9}, SEEDS),
    (no_capacity_guard, {1}, SEEDS),
    (no_line_guard, {1}, SEEDS),
    (no_tombstone, {4}, SEEDS),
    (no_void, {4}, SEEDS),
    (no_version_guard, {10}, SEEDS),
    (no_idempotency_keys, {11}, SEEDS),
    (outbox_apart, {8}, SEEDS),
    (no_memory_of_doubt, {4}, SEEDS),
    (timeout_read_as_refusal, {4}, SEEDS),
    (offset_before_effect, {4, 5, 9, 10}, SEEDS),
    (marked_before_published, {9}, SEEDS),
    (correlation_forgotten, {16}, SEEDS),
    (fee_forgotten, {5}, SEEDS),
    (used_forgotten, {11}, SEEDS),
    (used_forgotten, {18}, SEEDS),
    (agreement_forgotten, {5}, RARELY),
    (deletion_forgotten_by_cancels, {5}, RARELY),
    (deletion_forgotten_by_the_line, {7}, RARELY),
]


@pytest.mark.slow
@pytest.mark.parametrize("remove, expected, seeds", GUARDS, ids=[remove.__name__ for remove, *_ in GUARDS])
def test_a_missing_guard_is_noticed(remove, expected, seeds, monkeypatch):
    remove(monkeypatch)
    for seed, seen in enumerate(_seen(seeds)):
        if seen & expected:
            print(f"noticed by seed {seed}: {sorted(seen)}")
            return
    pytest.fail(f"{seeds} seeds did not notice it")


def _seen(seeds: int) -> Iterator[set[int]]:
    for seed in range(seeds):
        yield {violation.invariant for violation in Play(seed).run().violations}
