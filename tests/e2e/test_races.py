"""Many clients at once over HTTP: no seat twice, no booking twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.e2e.system import Answer, System

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _rush(system: System, ticket: int, clients: int) -> Counter[str]:
    token = await system.customer()
    answers = await asyncio.gather(*(system.ask("POST", "/books", token, {"ticketId": ticket}) for _ in range(clients)))
    return Counter(_outcome(answer) for answer in answers)


def _outcome(answer: Answer) -> str:
    return f"{answer.status} {answer.body.get('code') or answer.body['status']}"


async def test_200_clients_for_one_seat_have_one_winner_20_times(system: System) -> None:
    for _ in range(20):
        outcomes = await _rush(system, await system.ticket(capacity=1), clients=200)
        assert outcomes == {"201 BOOKED": 1, "409 sold_out": 199}


async def test_500_clients_for_100_seats_get_100(system: System) -> None:
    outcomes = await _rush(system, await system.ticket(capacity=100), clients=500)
    assert outcomes == {"201 BOOKED": 100, "409 sold_out": 400}


@pytest.mark.parametrize("capacity", [None, 5])
async def test_100_equal_requests_make_one_booking_one_charge_one_answer(system: System, capacity: int | None) -> None:
    token, ticket = await system.customer(), await system.ticket(capacity)
    order = {"ticketId": ticket, "price": 15000}
    answers = await asyncio.gather(
        *(system.ask("POST", "/books", token, order, Idempotency_Key=f"once-{capacity}") for _ in range(100))
    )
    assert {answer.status for answer in answers} == {201}
    assert len({str(answer.body) for answer in answers}) == 1
    assert Counter(answer.headers.get("Idempotency-Replayed") for answer in answers) == {None: 1, "true": 99}
    sale = (await system.ask("GET", f"/sales/{ticket}")).body
    assert (sale["held"], sale["booked"]) == (0, 1)
    where = f"/payments/search/findByBookId?bookId={answers[0].body['id']}"
    payments = (await system.ask("GET", where, await system.admin())).body
    assert [payment["status"] for payment in payments["_embedded"]["payments"]] == ["APPROVED"]


async def test_100_equal_payments_of_a_held_booking_are_one_charge_one_answer(system: System) -> None:
    token, ticket = await system.customer(), await system.ticket()
    unpaid = await system.ask("POST", "/books", token, {"ticketId": ticket, "paymentMethod": "unavailable"})
    assert (unpaid.status, unpaid.body["code"]) == (503, "pay_later")
    path, order = f"/books/{unpaid.body['bookId']}/payment", {"paymentMethod": "approve"}
    answers = await asyncio.gather(
        *(system.ask("POST", path, token, order, Idempotency_Key="pay-once") for _ in range(100))
    )
    assert {(answer.status, str(answer.body)) for answer in answers} == {(200, str(answers[0].body))}
    assert Counter(answer.headers.get("Idempotency-Replayed") for answer in answers) == {None: 1, "true": 99}
    where = f"/payments/search/findByBookId?bookId={unpaid.body['bookId']}"
    payments = (await system.ask("GET", where, await system.admin())).body
    assert [payment["status"] for payment in payments["_embedded"]["payments"]] == ["APPROVED"]


async def test_the_same_key_with_another_body_is_refused(system: System) -> None:
    token, ticket = await system.customer(), await system.ticket()
    first = await system.ask("POST", "/books", token, {"ticketId": ticket}, Idempotency_Key="k")
    other = await system.ask("POST", "/books", token, {"ticketId": ticket, "price": 15000}, Idempotency_Key="k")
    assert (first.status, other.status, other.body["code"]) == (201, 422, "key_reused")
