"""/payments as the Java book service asks for it: 200, 201 mean paid to it, as every other 2xx would."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from myticket_core.errors import Rejected
from myticket_core.messages import Cause
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from tests.services.rest_world import URL, World

FEIGN = (
    b'{"id":null,"bookId":21,"ticketId":2,"price":15000,"companyId":1,"customerId":1,'
    b'"startDate":"2012-04-23T18:25:43.511+0000","endDate":1335551143511,"status":"PayApproved"}'
)
HEADERS = {"Content-Type": "application/json;charset=UTF-8", "Accept": "*/*", "User-Agent": "Java/17.0.15"}


async def _pay(world: World, **more: Any) -> httpx.Response:
    return await world.ask("service", "POST", "/payments", {"bookId": 21, "price": 15000, **more})


async def test_a_feign_request_is_charged_once() -> None:
    world = World()
    first = await world.ask("service", "POST", "/payments", content=FEIGN, headers=HEADERS)
    assert (first.status_code, first.headers["Location"]) == (201, f"{URL}/payments/1")
    assert first.json() == {
        "id": 1,
        "bookId": 21,
        "ticketId": 2,
        "price": 15000,
        "companyId": 1,
        "customerId": 1,
        "startDate": "2012-04-23T18:25:43.511+0000",
        "endDate": "2012-04-27T18:25:43.511+0000",
        "status": "APPROVED",
        "reason": None,
        "refund": None,
        "inDoubt": False,
        "_links": {"self": {"href": f"{URL}/payments/1"}, "payment": {"href": f"{URL}/payments/1"}},
    }
    again = await world.ask("service", "POST", "/payments", content=FEIGN, headers=HEADERS)
    assert (again.status_code, again.json()) == (200, first.json())
    assert world.provider.amounts == {"booking-21": 15000}


async def test_a_repeat_of_a_key_is_201_as_it_was_the_first_time() -> None:
    world, keyed = World(), {**HEADERS, "Idempotency-Key": "k"}
    answers = [await world.ask("service", "POST", "/payments", content=FEIGN, headers=keyed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]


async def test_declined_is_402() -> None:
    world = World()
    for _ in range(2):
        answer = await _pay(world, paymentMethod="declined", status="PayApproved")
        assert (answer.status_code, answer.json()["code"]) == (402, "payment_declined")
        assert answer.json()["paymentStatus"] == "DECLINED"


async def test_doubt_is_no_2xx_until_it_is_paid() -> None:
    world = World()
    answer = await _pay(world, paymentMethod="late")
    assert (answer.status_code, answer.json()["code"], answer.json()["paymentStatus"]) == (504, "in_doubt", "REQUESTED")
    assert answer.headers["Location"] == f"{URL}/payments/1"
    assert (await world.ask("admin", "GET", "/payments/1")).json()["inDoubt"] is True
    world.provider.arrive()
    assert (await _pay(world)).status_code == 201
    assert (await world.ask("admin", "GET", "/payments/1")).json()["inDoubt"] is False
    assert (await _pay(world)).status_code == 200


async def test_the_provider_down_is_503() -> None:
    world = World()
    world.provider.down = True
    answer = await _pay(world)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "1")


async def test_the_booking_was_canceled_before_is_409_and_looks_canceled() -> None:
    world = World()
    cancel = PaymentCanceler(world.payments, world.clock)
    await cancel(CancelPayment(booking_id=21, reason="canceled"), Cause(id="1", correlation_id="1"))
    answer = await _pay(world)
    assert (answer.status_code, answer.json()["code"], answer.json()["paymentStatus"]) == (409, "void", "CANCELED")
    assert (await world.ask("admin", "GET", "/payments/1")).json()["status"] == "CANCELED"
    assert world.provider.amounts == {}


async def test_payments_are_found_by_booking() -> None:
    world = World()
    await _pay(world)
    lists = (await world.ask("admin", "GET", "/payments")).json()
    assert lists["_links"]["search"] == {"href": f"{URL}/payments/search"}
    search = (await world.ask("admin", "GET", "/payments/search")).json()
    template = f"{URL}/payments/search/findByBookId{{?bookId}}"
    assert search["_links"]["findByBookId"] == {"href": template, "templated": True}
    found = (await world.ask("admin", "GET", "/payments/search/findByBookId?bookId=21")).json()
    assert [payment["id"] for payment in found["_embedded"]["payments"]] == [1]
    assert found["_links"] == {"self": {"href": f"{URL}/payments/search/findByBookId?bookId=21"}}
    none = (await world.ask("customer 2", "GET", "/payments/search/findByBookId?bookId=21")).json()
    assert none["_embedded"] == {"payments": []}
    assert (await world.ask("admin", "GET", "/payments/search/findByBookId")).json()["member"] == "bookId"


async def test_one_sees_ones_own_payments() -> None:
    world = World()
    await _pay(world, customerId=1, companyId=1)
    seen = {
        who: ((await world.ask(who, "GET", "/payments/1")).status_code)
        for who in ("customer 1", "customer 2", "organizer 1", "organizer 2", "admin", "service")
    }
    assert seen == {
        "customer 1": 200,
        "customer 2": 404,
        "organizer 1": 200,
        "organizer 2": 404,
        "admin": 200,
        "service": 200,
    }


@pytest.mark.parametrize("who", ["customer 1", "organizer 1"])
async def test_only_the_book_service_may_charge(who: str) -> None:
    answer = await World().ask(who, "POST", "/payments", {"bookId": 1, "price": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("member", ["bookId", "price"])
async def test_what_is_missing_is_named(member: str) -> None:
    body = {name: value for name, value in {"bookId": 1, "price": 1}.items() if name != member}
    answer = await World().ask("service", "POST", "/payments", body)
    assert (answer.status_code, answer.json()["member"], answer.json()["value"]) == (400, member, None)
    assert answer.json()["detail"].startswith(f"{member} is missing")


@pytest.mark.parametrize("other", [{"customer_id": 7}, {"ticket_id": 9}, {"customer_id": 7, "ticket_id": 2}])
async def test_who_cancels_another_booking_of_the_same_number_gives_no_money_back(other: dict[str, int]) -> None:
    """As when a service before this one had numbered its bookings too."""
    world = World()
    assert (await _pay(world, customerId=1, ticketId=2)).status_code == 201
    cancel = PaymentCanceler(world.payments, world.clock)
    with pytest.raises(Rejected, match="of 15000 by customer 1 for ticket 2, not of whose is canceled"):
        await cancel(CancelPayment(booking_id=21, reason="canceled", **other), Cause(id="1", correlation_id="1"))
    assert (await world.ask("admin", "GET", "/payments/1")).json()["status"] == "APPROVED"
    await cancel(CancelPayment(booking_id=21, reason="canceled", customer_id=1), Cause(id="2", correlation_id="1"))
    assert (await world.ask("admin", "GET", "/payments/1")).json()["status"] == "CANCELING"
