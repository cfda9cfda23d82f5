"""The scenario, act by act. Each act says who does what and holds the answer against what was asked for."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import ClientError, ClientSession
from attrs import define
from rich.markup import escape

from apps.demo.party import Answer, Party
from apps.demo.stage import Stage
from apps.demo.teller import Teller, Unexpected
from apps.failures import words_of
from myticket_core.money import KRW

PRICE = 15000
FEE_PERCENT = 10
FEE = PRICE * FEE_PERCENT // 100
BALANCE = ("captured", "kept", "refunded", "fees", "failed")
SEATS = 3
RIVALS = 20


@define
class Cast:
    stage: Stage
    teller: Teller
    organizer: Party
    buyer: Party
    other: Party
    rival: Party
    ticket: int = 0
    booking: int = 0
    later: int = 0

    def order(self, **more: object) -> dict[str, Any]:
        return {"ticketId": self.ticket, "price": PRICE, **more}


async def play(stage: Stage, http: ClientSession, teller: Teller) -> bool:
    """All acts in order; whether every requirement was shown. An act that fails says why and ends the play."""
    try:
        cast = await _cast(stage, http, teller)
        for number, (act, korean, english) in enumerate(ACTS, 1):
            teller.act(number, korean, english)
            await act(cast)
    except (Unexpected, ClientError, TimeoutError) as wrong:
        teller.console.print(f"[bold red]✗ {escape(words_of(wrong))}")
        return False
    return teller.summary()


async def _cast(stage: Stage, http: ClientSession, teller: Teller) -> Cast:
    async def party(name: str, *options: str) -> Party:
        return Party(name, stage.url, http, teller, await stage.token(*options))

    async def customer(name: str, id: int) -> Party:
        return await party(name, "--role", "customer", "--customer-id", str(id))

    return Cast(
        stage=stage,
        teller=teller,
        organizer=await party("주최사 organizer 1", "--role", "organizer", "--company-id", "1"),
        buyer=await customer("구매자 buyer 1", 1),
        other=await customer("구매자 buyer 2", 2),
        rival=await customer("구매자 buyer 3", 3),
    )


async def registers(cast: Cast) -> None:
    body = {"name": "서울 재즈의 밤 Seoul Jazz Night", "price": PRICE, "capacity": SEATS}
    body |= {"cancelFeePercent": FEE_PERCENT, "cancelUntil": "2099-12-24T00:00:00.000+0000"}
    answer = (await cast.organizer.ask("POST", "/tickets", body)).expect(201)
    cast.ticket = answer.body["id"]
    cast.teller.show("R1", f"ticket {cast.ticket}: {KRW.said(PRICE)}, {SEATS} seats, canceling costs {FEE_PERCENT} %")
    cast.teller.show("R13", await cast.organizer.told(f"(ticket {cast.ticket}) is registered"))


async def searches(cast: Cast) -> None:
    anybody = Party("누구나 anybody", cast.stage.url, cast.buyer.http, cast.teller)
    found = (await anybody.ask("GET", "/tickets?text=jazz&available=true")).expect(200).body
    names = [ticket["name"] for ticket in found["_embedded"]["tickets"]]
    cast.teller.sees(anybody.name, names)
    if not names:
        raise Unexpected("the registered ticket was not found")
    cast.teller.show("R3", f"{len(names)} found for 'jazz'")


async def books(cast: Cast) -> None:
    order = cast.order(startDate="2026-12-24T10:00:00.000+0000", endDate="2026-12-24T12:00:00.000+0000")
    answer = (await cast.buyer.ask("POST", "/books", order, key="demo-1")).expect(201)
    cast.booking = answer.body["id"]
    cast.teller.show("R4", f"booking {cast.booking} is {answer.body['status']}")
    paid = (await cast.buyer.ask("GET", f"/payments/search/findByBookId?bookId={cast.booking}")).expect(200)
    cast.teller.show("R5", f"asked before the answer; payments: {_statuses(paid)}")
    cast.teller.show("R6", await cast.buyer.told(f"Booking {cast.booking}", "is paid"))
    cast.teller.show("R7", await cast.organizer.told(f"new booking {cast.booking}"))
    await cast.buyer.page(cast.booking, "BOOKED", "APPROVED")
    cast.teller.show("R8", f"GET /mypages/{cast.booking}: BOOKED, APPROVED")
    await _organizer_sees(cast, booked=1)
    cast.teller.show("N4", "both pages follow the events, without asking booking or payment")


async def repeats(cast: Cast) -> None:
    order = cast.order(startDate="2026-12-24T10:00:00.000+0000", endDate="2026-12-24T12:00:00.000+0000")
    again = (await cast.buyer.ask("POST", "/books", order, key="demo-1")).expect(201)
    replayed = again.headers.get("Idempotency-Replayed")
    cast.teller.sees(cast.buyer.name, [f"Idempotency-Replayed: {replayed}, still booking {again.body['id']}"])
    if again.body["id"] != cast.booking or replayed != "true":
        raise Unexpected("the repeat made another booking")
    answer = await cast.other.ask("GET", f"/books/{cast.booking}")
    answer.expect(404)
    cast.teller.say("남의 예매는 보이지 않습니다.", "Somebody else's booking cannot be seen: 404.")


async def declined(cast: Cast) -> None:
    answer = await cast.other.ask("POST", "/books", cast.order(paymentMethod="sandbox-decline"))
    answer.expect(402, "payment_declined")
    sale = (await cast.other.ask("GET", f"/sales/{cast.ticket}")).expect(200).body
    if (sale["held"], sale["booked"]) != (0, 1):
        raise Unexpected(f"the seat was not given back: {sale}")
    cast.teller.show("N1", f"402, nothing booked, the seat is free: {sale['remaining']} remaining")


async def pays_later(cast: Cast) -> None:
    answer = await cast.other.ask("POST", "/books", cast.order(paymentMethod="sandbox-unavailable"))
    answer.expect(503, "pay_later")
    where = answer.headers["Location"].removeprefix(cast.stage.url)
    cast.teller.sees(cast.other.name, [f"Retry-After: {answer.headers['Retry-After']} s, the seat is held at {where}"])
    paid = (await cast.other.ask("POST", f"{where}/payment", {"paymentMethod": "sandbox-approve"})).expect(200)
    cast.later = paid.body["id"]
    cast.teller.show("N3", f"booking {cast.later} was held, then paid: {paid.body['status']}")
    await cast.other.page(cast.later, "BOOKED", "APPROVED")


async def races(cast: Cast) -> None:
    answers = await asyncio.gather(*(cast.rival.quietly("POST", "/books", cast.order()) for _ in range(RIVALS)))
    won = [answer for answer in answers if answer.status == 201]
    lost = [answer for answer in answers if answer.status == 409 and answer.body["code"] == "sold_out"]
    cast.teller.sees(cast.rival.name, [f"{len(won)} × 201 BOOKED, {len(lost)} × 409 sold_out"])
    if (len(won), len(lost)) != (1, RIVALS - 1):
        raise Unexpected(f"the last seat: {sorted(answer.status for answer in answers)}")
    await cast.buyer.eventually("/tickets?available=true&text=jazz", lambda it: it["page"]["totalElements"] == 0)
    cast.teller.say("이제 '예매 가능' 검색에 나오지 않습니다.", "A search for what is available leaves it out now.")


async def cancels(cast: Cast) -> None:
    foreseen = (await cast.buyer.ask("GET", f"/books/{cast.booking}/cancellation")).expect(200).body
    fee, refund = foreseen["fee"], foreseen["refund"]
    said = f"it would cost {KRW.said(fee)} and give back {KRW.said(refund)}, until {foreseen['cancelUntil']}"
    cast.teller.sees(cast.buyer.name, [said])
    if (fee, refund) != (FEE, PRICE - FEE):
        raise Unexpected(f"the preview of the cancel: {foreseen}")
    (await cast.buyer.ask("DELETE", f"/books/{cast.booking}")).expect(204)
    cast.teller.show("R9", f"booking {cast.booking} is canceled")
    await cast.buyer.page(cast.booking, "CANCELED", "CANCELED")
    cast.teller.show("R10", f"the payment of booking {cast.booking} is CANCELED")
    cast.teller.show("R11", await cast.buyer.told(f"for booking {cast.booking} of ", "is refunded, less the fee"))


async def without_alarm(cast: Cast) -> None:
    await cast.stage.restart("alarm")
    cast.teller.say("알림 서비스를 빼고 다시 시작했습니다.", "Started again without the notification service.")
    (await cast.buyer.ask("GET", "/notifications")).expect(503)
    booked = (await cast.buyer.ask("POST", "/books", cast.order())).expect(201)
    await cast.stage.restart()
    cast.teller.say("다시 함께 시작하면 밀린 알림이 옵니다.", "Started with it again: what was missed arrives.")
    text = await cast.buyer.told(f"Booking {booked.body['id']}", "is paid")
    cast.teller.show("N2", f"booked while it was away, told afterwards: {text}")


async def deletes(cast: Cast) -> None:
    foreseen = (await cast.organizer.ask("GET", f"/sales/{cast.ticket}/deletion")).expect(200).body
    booked = foreseen["booked"]
    cast.teller.sees(
        cast.organizer.name,
        [f"{booked['bookings']} bookings would be canceled, {KRW.said(booked['money'])} given back"],
    )
    (await cast.organizer.ask("DELETE", f"/tickets/{cast.ticket}")).expect(204)
    cast.teller.show("R2", f"ticket {cast.ticket} is deleted")
    sale = await cast.organizer.eventually(f"/sales/{cast.ticket}", _campaign_over)
    cast.teller.sees(cast.organizer.name, [f"cancellation: {sale['campaign']}"])
    await cast.other.page(cast.later, "CANCELED", "CANCELED")
    await cast.other.told(f"payment of booking {cast.later}", "refunded")
    cast.teller.show("R12", f"{sale['campaign']['done']} bookings canceled, {sale['campaign']['left']} left")
    await cast.organizer.told(f"(ticket {cast.ticket}) is deleted")
    page = await _organizer_sees(cast, booked=0)
    if page["captured"] != page["refunded"] + page["fees"] + page["failed"]:
        raise Unexpected(f"the balance of the deletion: {page}")


async def adds_up(cast: Cast) -> None:
    if not await cast.stage.audit():
        raise Unexpected("myticket audit found something wrong")


ACTS = (
    (registers, "티켓 등록", "registering a ticket"),
    (searches, "티켓 검색 (로그인 없이)", "searching, without signing in"),
    (books, "예매와 결제", "booking and paying"),
    (repeats, "같은 요청을 다시", "the same request again"),
    (declined, "거절된 카드", "a declined card"),
    (pays_later, "결제 과중: 잠시 후 결제", "payment overloaded: pay a little later"),
    (races, "마지막 한 자리", f"the last seat, {RIVALS} requests at once"),
    (cancels, "예매 취소와 환불", "canceling, and the refund"),
    (without_alarm, "알림 서비스 없이", "without the notification service"),
    (deletes, "티켓 삭제 → 예매 취소 → 환불", "deleting the ticket cancels and refunds its bookings"),
    (adds_up, "검산", "does it all add up?"),
)


async def _organizer_sees(cast: Cast, booked: int) -> Any:
    """The page, once it shows that many bookings and no refund is on its way."""
    where = f"/guestManagementPages/{cast.ticket}"
    page = await cast.organizer.eventually(where, lambda it: it.get("booked") == booked and not it.get("pending"))
    members = ("name", "status", "capacity", "booked", "canceled", *BALANCE)
    cast.teller.sees(cast.organizer.name, ["page: " + " · ".join(f"{name} {page.get(name)}" for name in members)])
    return page


def _campaign_over(sale: Any) -> bool:
    campaign = sale.get("campaign")
    return bool(campaign) and campaign["left"] == 0


def _statuses(answer: Answer) -> list[str]:
    return [payment["status"] for payment in answer.body["_embedded"]["payments"]]
