"""What Stripe says of its own accord is kept before it is answered, and not believed; what others say is refused."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from myticket_core.errors import Incomplete
from myticket_core.payment.model import RefundStatus, Status
from tests.services.stripe_world import SECRET, Later, StripeWorld, event, signed, stripe_world

REFUND = {"id": "re_1", "object": "refund", "payment_intent": "pi_1", "metadata": {"myticket_key": "booking-5"}}
GOOD = event("evt_1", "refund.updated", REFUND)
BODY = json.dumps(GOOD).encode()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[StripeWorld]:
    async with stripe_world(tmp_path) as it:
        yield it


async def kept(world: StripeWorld) -> list[str]:
    return [hint.id for hint in await world.pay.hints().waiting(1000)]


async def test_what_stripe_says_is_kept_once_before_it_is_answered(world: StripeWorld, tmp_path: Path) -> None:
    for _ in range(3):
        answer = await world.say(GOOD)
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        with closing(sqlite3.connect(tmp_path / "pay.sqlite")) as file:  # as the disk has it when it is answered
            assert file.execute("SELECT id, kind, key, reference, followed FROM hints").fetchall() == [
                ("evt_1", "refund.updated", "booking-5", "pi_1", 0)
            ]


async def test_equal_events_at_once_are_kept_once(world: StripeWorld) -> None:
    answers = await asyncio.gather(*(world.say(GOOD) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert await kept(world) == ["evt_1"]


def deep() -> bytes:
    return b'{"id":"evt_1","type":"refund.updated","data":' + b"[" * 30_000 + b"]" * 30_000 + b"}"


SIGNED_NONSENSE: dict[str, bytes] = {
    "nothing": b"",
    "no json": b"hello",
    "an array": b"[1]",
    "null": b"null",
    "a number": b"1e999",
    "nested too deeply": deep(),
    "no id": json.dumps({**GOOD, "id": None}).encode(),
    "an id that is none": json.dumps({**GOOD, "id": 7}).encode(),
    "an id too long": json.dumps({**GOOD, "id": "e" * 256}).encode(),
    "an id of control characters": json.dumps({**GOOD, "id": "evt\0\n"}).encode(),
    "no type": json.dumps({name: it for name, it in GOOD.items() if name != "type"}).encode(),
    "no data": json.dumps({**GOOD, "data": None}).encode(),
    "data of nothing": json.dumps({**GOOD, "data": {"object": "x"}}).encode(),
}


@pytest.mark.parametrize("name", SIGNED_NONSENSE)
async def test_what_is_signed_and_makes_no_sense_is_refused(world: StripeWorld, name: str) -> None:
    body = SIGNED_NONSENSE[name]
    answer = await world.send(body, signed(body))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert await kept(world) == []


FORGED: dict[str, tuple[bytes, str | bytes | None]] = {
    "not signed": (BODY, None),
    "an empty signature": (BODY, ""),
    "another secret": (BODY, signed(BODY, secret="whsec_other")),
    "no secret": (BODY, signed(BODY, secret="")),
    "another body": (BODY.replace(b"booking-5", b"booking-6"), signed(BODY)),
    "said before": (BODY, signed(BODY, age=301)),
    "another scheme": (BODY, signed(BODY).replace("v1=", "v0=")),
    "no time": (BODY, "v1=" + "0" * 64),
    "a time that is none": (BODY, signed(BODY).replace("t=", "t=x")),
    "a huge time": (BODY, "t=" + "9" * 5000 + ",v1=0"),
    "commas": (BODY, ",,,=,="),
    "not ASCII": (BODY, "t=1,v1=한".encode()),
    "two headers": (BODY, f"{signed(BODY, secret='whsec_other')}, t=0,v1=0"),
    "no text": (b"\xff\xfe" + BODY, signed(BODY)),
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_stripe_did_not_say_is_refused(world: StripeWorld, name: str) -> None:
    body, signature = FORGED[name]
    answer = await world.send(body, signature)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert await kept(world) == []


async def test_a_body_too_large_is_not_read(world: StripeWorld) -> None:
    body = BODY + b" " * 70_000
    answer = await world.send(body, signed(body))
    assert (answer.status_code, await kept(world)) == (413, [])


async def test_thousands_of_mutilated_messages_store_nothing_and_break_nothing(world: StripeWorld) -> None:
    chance = random.Random(20261122)
    for _ in range(3000):
        body, signature = bytearray(BODY), bytearray(signed(BODY).encode())
        for text in chance.choice(((body,), (signature,), (body, signature))):
            for _ in range(chance.randint(1, 4)):
                text[chance.randrange(len(text))] = chance.choice(b'\t !"#,.019=tv{}[]\\aZ\x80\xff')
        if (bytes(body), bytes(signature)) == (BODY, signed(BODY).encode()):
            continue
        answer = await world.send(bytes(body), bytes(signature))
        assert answer.status_code in (400, 401), (answer.status_code, bytes(body), bytes(signature))
    assert await kept(world) == []


async def test_what_is_not_about_us_is_answered_and_not_kept(world: StripeWorld) -> None:
    customer = event("evt_2", "customer.created", {"id": "cus_1", "object": "customer"})
    nobody = event("evt_3", "charge.refunded", {"id": "ch_1", "object": "charge", "metadata": {"myticket_key": 5}})
    for said in (customer, nobody):
        assert (await world.say(said)).status_code == 200
    assert await kept(world) == []


async def test_where_the_store_is_away_nothing_is_acknowledged(world: StripeWorld, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "pay.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await world.say(GOOD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_without_a_secret_there_is_no_such_place(tmp_path: Path) -> None:
    async with stripe_world(tmp_path, secret=None) as world:
        assert (await world.send(BODY, signed(BODY, secret=SECRET))).status_code == 404


async def test_a_hint_that_is_a_lie_changes_nothing(world: StripeWorld) -> None:
    """Even if it were signed: who follows it asks Stripe."""
    await world.charge(5)
    before = await world.of(5)
    for id, kind in (("evt_1", "refund.updated"), ("evt_2", "payment_intent.payment_failed"), ("evt_3", "refund.x")):
        await world.say(event(id, kind, REFUND | {"status": "succeeded", "amount": 1000}))
    assert await world.pay.follow()() == 3
    assert (await world.of(5), await world.said(), await kept(world)) == (before, ["PaymentApproved"], [])


async def test_a_charge_whose_answer_was_lost_is_learned_by_a_hint(world: StripeWorld) -> None:
    assert (await world.charge(5, "pm_lost")).status is Status.REQUESTED
    intent = world.stub.intents["pi_1"]
    await world.say(event("evt_1", "payment_intent.succeeded", {**intent}))
    await world.pay.follow()()
    assert ((await world.of(5)).status, await world.said()) == (Status.APPROVED, ["PaymentApproved"])


async def test_hints_may_come_in_any_order_and_about_what_is_over_or_unknown(world: StripeWorld) -> None:
    await world.charge(5, "pm_refund_pending")
    await world.cancel(5, refund=900)
    await world.pay.settle()()
    assert (await world.of(5)).refund.status is RefundStatus.PENDING  # type: ignore[union-attr]
    refund = {**next(iter(world.stub.refunds.values())), "status": "succeeded"}
    bare = {"id": "re_9", "object": "refund", "payment_intent": "pi_1", "metadata": {}}
    strange = {"id": "re_8", "object": "refund", "payment_intent": "pi_77", "metadata": {"myticket_key": "booking-99"}}
    for number, about in enumerate((refund, bare, strange, {**strange, "metadata": {"myticket_key": "x"}}, refund)):
        assert (await world.say(event(f"evt_{number}", "refund.updated", about))).status_code == 200
        await world.pay.follow()()
    payment = await world.of(5)
    assert (payment.status, await kept(world)) == (Status.CANCELED, [])
    assert await world.said() == ["PaymentApproved", "PaymentCanceled"]


async def test_what_cannot_be_followed_now_is_followed_later(world: StripeWorld) -> None:
    await world.charge(5, "pm_lost")
    await world.say(event("evt_1", "payment_intent.succeeded", dict(world.stub.intents["pi_1"])))
    world.stub.faults += [("GET payment_intents", 500)] * 3
    with pytest.raises(Exception, match="Stripe"):
        await world.pay.follow()()
    assert (await world.pay.follow()(), await kept(world)) == (0, ["evt_1"])
    assert await later(world.pay.follow())() == 1
    assert ((await world.of(5)).status, await kept(world)) == (Status.APPROVED, [])


async def test_hints_that_can_never_be_followed_hold_up_none_behind_them(world: StripeWorld) -> None:
    for booking in (1, 2, 3):
        await world.charge(booking, "pm_lost")
        await world.say(event(f"evt_{booking}", "payment_intent.succeeded", dict(world.stub.intents[f"pi_{booking}"])))
    for lost in ("pi_1", "pi_2"):
        del world.stub.intents[lost]
    follow = evolve(world.pay.follow(), batch=2)
    with pytest.raises(Incomplete, match="does not know"):
        await follow()
    assert (await follow(), await kept(world)) == (1, ["evt_1", "evt_2"])
    assert (await world.of(3)).status is Status.APPROVED
    with pytest.raises(Incomplete, match="does not know"):
        await later(follow)()


async def test_a_hint_that_cannot_be_followed_lets_the_others_go_on_at_once(world: StripeWorld) -> None:
    for booking in (1, 2):
        await world.charge(booking, "pm_lost")
        await world.say(event(f"evt_{booking}", "payment_intent.succeeded", dict(world.stub.intents[f"pi_{booking}"])))
    del world.stub.intents["pi_1"]
    with pytest.raises(Incomplete) as some:
        await world.pay.follow()()
    assert (some.value.done, await kept(world)) == (1, ["evt_1"])


async def test_what_people_give_back_after_ours_has_failed_is_looked_at_once(world: StripeWorld) -> None:
    """Stripe refuses our refund, so it has none of ours; what people make there instead is not."""
    intent = world.stub.intents[(await world.charge(5)).charge or ""]
    world.stub._refund(intent, {"amount": "1", "payment_intent": "pi_1"})
    await world.cancel(5)
    await world.pay.settle()()
    failed = await world.of(5)
    assert failed.refund.status is RefundStatus.FAILED  # type: ignore[union-attr]
    world.stub._refund(intent, {"amount": "999", "payment_intent": "pi_1"})
    await world.say(event("evt_1", "charge.refunded", {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"}))
    assert (await world.pay.follow()(), await kept(world), await world.of(5)) == (1, [], failed)


@pytest.mark.slow
async def test_hints_and_polls_race_200_times_and_tell_one_story(world: StripeWorld) -> None:
    """A refund that waits at Stripe: webhooks come while the worker polls, and again, and late."""
    for booking in range(1, 201):
        await world.charge(booking, "pm_refund_pending")
        await world.cancel(booking, refund=700)
        about = {"id": "re_x", "object": "refund", "metadata": {"myticket_key": f"booking-{booking}"}}
        await asyncio.gather(
            world.pay.settle()(),
            _hear(world, f"evt_{booking}_a", about),
            world.pay.settle()(),
            _hear(world, f"evt_{booking}_b", about),
        )
        for late in range(3):  # the first of them may still have met one that waits
            await _hear(world, f"evt_{booking}_late_{late}", about)
        payment: Any = await world.of(booking)
        assert (payment.status, payment.refund.status, payment.version) == (Status.CANCELED, RefundStatus.SUCCEEDED, 2)
        assert world.stub.kept(payment.charge) == 300
    assert len(world.stub.refunds) == 200
    said = await world.said()
    assert (said.count("PaymentCanceled"), said.count("RefundFailed")) == (200, 0)


def later(follow: Any) -> Any:
    """As it is when what failed has its turn again."""
    return evolve(follow, clock=Later(follow.clock, timedelta(seconds=1)))


async def _hear(world: StripeWorld, id: str, about: dict[str, Any]) -> None:
    await world.say(event(id, "refund.updated", about))
    await world.pay.follow()()
