"""What a running system does with those who ask too much of it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.e2e.system import System

SLOW = {"MYTICKET_REQUESTS_PER_PRINCIPAL": "5", "MYTICKET_REQUESTS_PER_ADDRESS": "20"}


async def test_who_asks_too_often_waits_as_told_and_is_served_again(tmp_path: Path) -> None:
    async with System(tmp_path, settings=SLOW) as system:
        hasty, other = await system.customer(1), await system.customer(2)
        began = time.monotonic()
        answers = await asyncio.gather(*(system.ask("GET", "/books", hasty) for _ in range(80)))
        trickled = 5 * (time.monotonic() - began)
        served = [answer for answer in answers if answer.status == 200]
        refused = [answer for answer in answers if answer.status == 429]
        assert 50 <= len(served) <= 51 + trickled
        assert len(served) + len(refused) == 80
        assert (await system.ask("GET", "/books", other)).status == 200
        assert {answer.body["code"] for answer in refused} == {"too_many_requests"}
        await asyncio.sleep(max(int(answer.headers["Retry-After"]) for answer in refused))
        assert (await system.ask("GET", "/books", hasty)).status == 200


async def test_an_address_with_bad_tokens_is_refused_while_the_probes_are_answered(tmp_path: Path) -> None:
    async with System(tmp_path, settings=SLOW) as system:
        answers = await asyncio.gather(*(system.ask("GET", "/books", "bad") for _ in range(300)))
        assert {answer.status for answer in answers} == {401, 429}
        assert all("RateLimit" in answer.headers for answer in answers if answer.status == 429)
        for probe in ("/livez", "/readyz", "/actuator/health"):
            assert (await system.ask("GET", probe)).status == 200


async def test_a_buyer_who_does_not_pay_keeps_few_seats_however_many_they_ask_for_at_once(tmp_path: Path) -> None:
    async with System(tmp_path, settings={"MYTICKET_MAX_HOLDS_PER_BUYER": "3"}) as system:
        tickets = [await system.ticket() for _ in range(4)]
        orders = [{"ticketId": ticket, "paymentMethod": "sandbox-unavailable"} for ticket in tickets * 15]
        token = await system.customer()
        answers = await asyncio.gather(*(system.ask("POST", "/books", token, order) for order in orders))
        codes = [answer.body["code"] for answer in answers]
        assert (codes.count("pay_later"), codes.count("too_many_holds")) == (3, 57)
        held = (await system.ask("GET", "/books?size=100", token)).body["_embedded"]["books"]
        assert [booking["status"] for booking in held] == ["PENDING"] * 3
        assert (await system.ask("DELETE", f"/books/{held[0]['id']}", token)).status == 204
        assert (await system.ask("POST", "/books", token, {"ticketId": tickets[0]})).status == 201
