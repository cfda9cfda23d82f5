"""What shares a transaction shares nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
from math import ceil

import pytest
from attrs import evolve
from sqlalchemy import select

from adapters.persistence import SqlNotifications
from adapters.persistence.schema.book import BOOKINGS
from adapters.persistence.schema.shared import INBOX, KEYS, LEDGER, OUTBOX
from adapters.persistence.writer import LARGEST_GROUP
from myticket_core.booking.sale import hold
from myticket_core.errors import NotFound, Rejected, Unavailable
from myticket_core.notification.model import Message
from tests.services.stores import NOW, Bookings, asked, because, opened


@pytest.fixture
async def store(tmp_path):
    async with opened(tmp_path) as db:
        yield Bookings(db)


async def together(*calls):
    """All at once: before the first is taken, all are waiting."""
    return await asyncio.gather(*calls, return_exceptions=True)


async def groups(store) -> int:
    """How many transactions the bookings came from, by the moment each transaction looked at the clock."""
    rows = await store.db.rows(select(LEDGER.c.at).distinct().where(LEDGER.c.kind == "bookings"))
    return len(rows)


async def count(store, table) -> int:
    return len(await store.db.rows(select(table)))


async def test_what_waits_is_written_in_one_transaction(store):
    await store.offer(None)
    held = await together(*(store.hold(f"k{number}") for number in range(50)))
    assert [kept.state.id for kept in held] == list(range(1, 51))
    assert await groups(store) == 1


async def test_a_group_is_bounded(store):
    await store.offer(None)
    await together(*(store.hold(f"k{number}") for number in range(LARGEST_GROUP * 2 + 1)))
    assert await groups(store) == 3 == ceil((LARGEST_GROUP * 2 + 1) / LARGEST_GROUP)


async def test_the_last_seat_goes_to_the_first_who_came(store):
    await store.offer(2)
    outcomes = await together(*(store.hold(f"k{number}") for number in range(5)))
    assert [getattr(outcome, "code", "held") for outcome in outcomes] == ["held", "held", *["sold_out"] * 3]
    sale = await store.sales.get(1)
    assert (sale.held, sale.remaining) == (2, 0)
    assert [envelope.type for envelope in await store.outbox.pending(10)] == ["SoldOut"]
    assert await count(store, KEYS) == 2, "what stored nothing has no key"


async def test_what_is_refused_touches_no_other(store):
    await store.offer(None)

    def broken(booking):
        raise ZeroDivisionError("a defect")

    first = (await store.hold("k0")).state
    outcomes = await together(
        store.hold("k1"),
        store.hold("k2", ticket=99),
        store.bookings.change(first.id, broken, because("x")),
        store.bookings.change(first.id, lambda it: it.confirmed(7), because("y")),
        store.hold("k3"),
    )
    assert [type(it) for it in outcomes if isinstance(it, Exception)] == [NotFound, ZeroDivisionError]
    assert await store.stored() == {1: "BOOKED", 2: "PENDING", 3: "PENDING"}
    assert [envelope.type for envelope in await store.outbox.pending(10)] == ["Booked"]


async def test_a_number_that_was_kept_for_what_was_refused_is_given_once(store):
    await store.offer(None)
    await together(store.hold("k0"), store.hold("k1", ticket=99))
    held = await together(*(store.hold(f"n{number}") for number in range(3)))
    assert [kept.state.id for kept in held] == [2, 3, 4]
    assert await count(store, BOOKINGS) == 4
    assert (await store.sales.get(1)).held == 4


async def test_a_draft_that_fails_late_leaves_nothing_of_itself(store):
    """The decision told and stored something before the counting of the sale raised."""
    await store.offer(None)
    first, second = (await store.hold("k0")).state, (await store.hold("k1")).state

    def to_nowhere(booking):
        return evolve(booking.confirmed(1)[0], ticket_id=99, status="no status"), booking.confirmed(1)[1]

    outcomes = await together(
        store.bookings.change(first.id, to_nowhere, because("x", consumer="book")),
        store.bookings.change(second.id, lambda it: it.confirmed(2), because("y", consumer="book")),
    )
    assert isinstance(outcomes[0], AttributeError)
    assert await store.stored() == {1: "PENDING", 2: "BOOKED"}
    assert [envelope.key for envelope in await store.outbox.pending(10)] == ["2"]
    assert [row[0] for row in await store.db.rows(select(INBOX.c.event_id))] == ["y"]


async def test_what_the_database_refuses_is_refused_alone(store):
    """The domain's guard is left out on purpose: the CHECK holds, and the group's others are written singly."""
    await store.offer(3)

    def greedy(sale, id):
        sale, decision = hold(sale, id, asked(), None)
        return evolve(sale, held=sale.held + 10), decision

    outcomes = await together(
        store.hold("k0"), store.bookings.hold(1, greedy, because("greedy", key="greedy")), store.hold("k2")
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Kept", "IntegrityError", "Kept"]
    assert await store.stored() == {1: "PENDING", 2: "PENDING"}
    assert (await store.sales.get(1)).held == 2
    assert await count(store, KEYS) == 2
    assert await count(store, LEDGER) == 2


async def test_once_the_store_has_gone_away_nobody_else_of_a_group_waits_for_it(store, monkeypatch):
    await store.offer(None)
    begun, away = [], sqlite3.OperationalError("database is locked")
    away.sqlite_errorcode = sqlite3.SQLITE_BUSY

    async def begin(steps, alone=()):
        begun.append(steps)
        raise RuntimeError("a conflict") if len(begun) == 1 else away

    monkeypatch.setattr(store.db._writer._link, "begin", begin)
    outcomes = await together(*(store.hold(f"k{number}") for number in range(5)))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 5
    assert len(begun) == 2, "the group, and the first of it"


async def test_what_cannot_be_written_down_is_refused_alone(store):
    await store.offer(None)
    outcomes = await together(
        store.hold("k0"), store.hold("k1", correlation_id="\ud800"), store.hold("k2", price=2**70), store.hold("k3")
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Kept", "UnicodeEncodeError", "Kept", "Kept"]
    assert await store.stored() == {1: "PENDING", 2: "PENDING", 3: "PENDING"}


async def test_equal_keys_in_one_group_are_one(store):
    await store.offer(None)
    one, other, another = await together(store.hold("k"), store.hold("k"), store.hold("l"))
    assert (one.repeated, other.repeated, another.repeated) == (False, True, False)
    assert one.state == other.state
    assert await store.stored() == {1: "PENDING", 2: "PENDING"}


async def test_equal_causes_in_one_group_are_one(store):
    await store.offer(None)
    booking = (await store.hold("k")).state
    confirm = [store.bookings.change(booking.id, lambda it: it.confirmed(1), because("e", consumer="book"))]
    cancel = [store.bookings.change(booking.id, lambda it: it.canceled("no"), because("e", consumer="book"))]
    outcomes = await together(*confirm, *cancel)
    assert [outcome.status for outcome in outcomes] == ["BOOKED", "BOOKED"]
    assert await count(store, OUTBOX) == 1


async def test_a_repeat_sees_what_the_group_has_made_of_it(store):
    """The key is known from before, and the booking changes in the same group."""
    await store.offer(None)
    booking = (await store.hold("k")).state
    _, repeat = await together(
        store.bookings.change(booking.id, lambda it: it.confirmed(1), because("x")), store.hold("k")
    )
    assert (repeat.repeated, repeat.state.status) == (True, "BOOKED")


async def test_a_caller_that_goes_away_takes_nobody_along(store):
    await store.offer(None)
    calls = [asyncio.create_task(store.hold(f"k{number}")) for number in range(3)]
    await asyncio.sleep(0)
    calls[1].cancel()
    outcomes = await together(*calls)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Kept", "CancelledError", "Kept"]
    assert (await store.hold("k1")).repeated, "only the waiting was given up"
    assert await store.stored() == {1: "PENDING", 2: "PENDING", 3: "PENDING"}


async def test_callers_that_all_go_away_leave_the_store_working(store):
    await store.offer(None)
    for number in range(20):
        call = asyncio.create_task(store.hold(f"k{number}"))
        for _ in range(number + 1):
            await asyncio.sleep(0)
        call.cancel()
    assert (await store.hold("after")).state.status == "PENDING"
    held = (await store.sales.get(1)).held
    assert held == len(await store.stored()) == 21


async def test_two_programs_on_one_file_number_on(store, tmp_path):
    await store.offer(None)
    async with opened(tmp_path) as beside:
        other = Bookings(beside)
        ids = [(await (store, other)[number % 2].hold(f"k{number}")).state.id for number in range(6)]
        assert ids == [1, 2, 3, 4, 5, 6]
        await together(*((store, other)[number % 2].hold(f"both{number}") for number in range(40)))
    assert sorted(await store.stored()) == list(range(1, 47))
    assert (await store.sales.get(1)).held == 46


async def test_every_status_is_in_the_ledger(store):
    await store.offer(None)
    booking = (await store.hold("k")).state
    await store.bookings.change(booking.id, lambda it: it.confirmed(1), because("x"))
    await store.bookings.change(booking.id, lambda it: it.confirmed(1), because("again"))
    await store.bookings.change(booking.id, lambda it: it.canceled("no"), because("y"))
    rows = await store.db.rows(select(LEDGER.c.kind, LEDGER.c.id, LEDGER.c.before, LEDGER.c.after))
    moves = [(None, "PENDING"), ("PENDING", "BOOKED"), ("BOOKED", "CANCELED")]
    assert [tuple(row) for row in rows] == [("bookings", 1, *move) for move in moves]


async def test_what_is_published_stays_for_the_audit(store):
    await store.offer(1)
    await store.hold("k")
    (said,) = await store.outbox.pending(10)
    await store.outbox.published([said.id])
    assert (await store.outbox.pending(10), await count(store, OUTBOX)) == ([], 1)


async def test_after_closing_nothing_is_accepted_and_everything_before_is_written(tmp_path):
    async with opened(tmp_path) as db:
        store = Bookings(db)
        await store.offer(None)
        calls = [asyncio.create_task(store.hold(f"k{number}")) for number in range(300)]
        await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await store.hold("too late")
    assert all(kept.state.status == "PENDING" for kept in await asyncio.gather(*calls))
    with sqlite3.connect(tmp_path / "book.sqlite") as file:
        assert file.execute("SELECT count(*) FROM bookings").fetchone() == (300,)
    file.close()


async def test_a_notification_told_before_is_not_told_again(tmp_path):
    """Also by another cause: (event, recipient, channel) is unique in the database."""
    async with opened(tmp_path, "alarm") as db:
        notifications = SqlNotifications(db)
        message = Message(event_id="e", event="Booked", channel="in-app", text="", correlation_id="c", customer_id=1)
        others = [evolve(message, customer_id=None, company_id=1), evolve(message, channel="mail")]
        await notifications.add([message], NOW, because("e", consumer="alarm"))
        await notifications.add([message, *others, message], NOW, because("f", consumer="alarm"))
        due = [*await notifications.due(NOW, "in-app", 9), *await notifications.due(NOW, "mail", 9)]
        assert [it.message for it in due] == [message, *others]


async def test_rejected_says_why_with_facts(store):
    await store.offer(0)
    with pytest.raises(Rejected) as refused:
        await store.hold("k")
    assert (refused.value.code, refused.value.facts) == ("sold_out", {"remaining": 0})
