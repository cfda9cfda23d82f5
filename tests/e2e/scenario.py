"""R1–R13 as one story, told in REST's words: wherever the five contexts run, it goes the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from attrs import define

from myticket_core.money import KRW
from tests.e2e.system import Answer

Found = TypeVar("Found")

PRICE, FEE = 15000, 1500
NAME = "Jazz"
ORGANIZER, BUYER, OTHER = "organizer 1", "customer 1", "customer 2"


class World(Protocol):
    """The system, wherever it runs. Who asks: `organizer 1`, `customer 1`, `admin`, or None for anybody."""

    async def ask(self, method: str, path: str, who: str | None = None, body: Any = None) -> Answer:
        """One request, answered."""

    async def eventually(self, there: Callable[[], Awaitable[Found]]) -> Found:
        """What it finds, as soon as it finds something. Fails when it does not within reason."""


@define
class Story:
    world: World
    ticket: int = 0
    first: int = 0
    second: int = 0

    @property
    def called(self) -> str:
        """The ticket, as people are told of it."""
        return f'"{NAME}" (ticket {self.ticket})'

    async def said(self, status: int, method: str, path: str, who: str | None = None, body: Any = None) -> Any:
        answer = await self.world.ask(method, path, who, body)
        assert answer.status == status, f"{who} {method} {path}: {answer.status} {answer.body}"
        return answer.body

    async def book(self, who: str) -> int:
        order = {"ticketId": self.ticket, "price": PRICE, "startDate": "2026-12-24T10:00:00.000+0000"}
        booking = await self.said(201, "POST", "/books", who, order)
        assert booking["status"] == "BOOKED"
        return int(booking["id"])

    async def sees(self, who: str, path: str, **members: Any) -> Any:
        """Wait until it is there with these members."""

        async def there() -> Any:
            answer = await self.world.ask("GET", path, who)
            return answer.body if answer.status == 200 and members.items() <= answer.body.items() else None

        return await self.world.eventually(there)

    async def told(self, who: str, words: str) -> None:
        """Wait for a message to them that has these words; it came once."""

        async def there() -> Sequence[str]:
            page = await self.said(200, "GET", "/notifications?size=1000", who)
            texts = [entry["message"] for entry in page["_embedded"]["notifications"]]
            return [text for text in texts if words in text]

        assert len(await self.world.eventually(there)) == 1


async def r1_an_organizer_registers_a_ticket(story: Story) -> None:
    terms = {"name": NAME, "price": PRICE, "capacity": 10, "cancelFeePercent": 10, "cancelUntil": "2099-12-23"}
    ticket = await story.said(201, "POST", "/tickets", ORGANIZER, terms)
    story.ticket = ticket["id"]


async def r13_the_organizer_is_told_of_the_registration(story: Story) -> None:
    await story.told(ORGANIZER, f"{story.called} is registered")


async def r3_a_buyer_searches_tickets(story: Story) -> None:
    found = await story.said(200, "GET", "/tickets?text=jazz&available=true")
    assert [ticket["id"] for ticket in found["_embedded"]["tickets"]] == [story.ticket]


async def r4_a_buyer_picks_it_and_books(story: Story) -> None:
    story.first, story.second = await story.book(BUYER), await story.book(OTHER)
    assert story.first != story.second


async def r5_payment_was_asked_before_the_answer(story: Story) -> None:
    """A card that is declined books nothing, so the answer waited for payment."""
    found = await story.said(200, "GET", f"/payments/search/findByBookId?bookId={story.first}", BUYER)
    assert [payment["status"] for payment in found["_embedded"]["payments"]] == ["APPROVED"]
    await story.said(402, "POST", "/books", BUYER, {"ticketId": story.ticket, "paymentMethod": "sandbox-decline"})
    sale = await story.said(200, "GET", f"/sales/{story.ticket}", BUYER)
    assert (sale["held"], sale["booked"]) == (0, 2)


async def r6_the_buyer_is_told_of_the_payment(story: Story) -> None:
    await story.told(BUYER, f"Booking {story.first} of {story.called} is paid: {KRW.said(PRICE)}")
    await story.told(OTHER, f"Booking {story.second} of {story.called} is paid: {KRW.said(PRICE)}")


async def r7_the_booking_reaches_the_organizer(story: Story) -> None:
    await story.told(ORGANIZER, f"new booking {story.first}")
    page = f"/guestManagementPages/{story.ticket}"
    await story.sees(ORGANIZER, page, name=NAME, booked=2, canceled=0, captured=2 * PRICE, refunded=0)


async def r8_a_buyer_sees_their_own_bookings_and_state(story: Story) -> None:
    shown = {"ticketId": story.ticket, "status": "BOOKED", "paymentStatus": "APPROVED", "price": PRICE}
    await story.sees(BUYER, f"/mypages/{story.first}", **shown)
    await story.said(404, "GET", f"/mypages/{story.first}", OTHER)
    own = await story.said(200, "GET", "/books", BUYER)
    assert story.first in [booking["id"] for booking in own["_embedded"]["books"]]
    assert story.second not in [booking["id"] for booking in own["_embedded"]["books"]]


async def r9_a_buyer_cancels_their_own_booking(story: Story) -> None:
    await story.said(404, "DELETE", f"/books/{story.first}", OTHER)
    foreseen = await story.said(200, "GET", f"/books/{story.first}/cancellation", BUYER)
    assert (foreseen["possible"], foreseen["fee"], foreseen["refund"]) == (True, FEE, PRICE - FEE)
    await story.said(204, "DELETE", f"/books/{story.first}", BUYER)


async def r10_the_payment_is_canceled_with_it(story: Story) -> None:
    await story.sees(BUYER, f"/mypages/{story.first}", status="CANCELED", paymentStatus="CANCELED")
    found = await story.said(200, "GET", f"/payments/search/findByBookId?bookId={story.first}", BUYER)
    assert [payment["status"] for payment in found["_embedded"]["payments"]] == ["CANCELED"]


async def r11_the_buyer_is_told_of_the_refund(story: Story) -> None:
    paid = f"{KRW.said(PRICE)} paid for booking {story.first} of {story.called}"
    await story.told(BUYER, f"{paid}, {KRW.said(PRICE - FEE)} is refunded, less the fee")


async def r2_the_organizer_deletes_the_ticket(story: Story) -> None:
    """Having seen what it would do."""
    foreseen = await story.said(200, "GET", f"/sales/{story.ticket}/deletion", ORGANIZER)
    assert (foreseen["status"], foreseen["booked"]) == ("preview", {"bookings": 1, "money": PRICE})
    await story.said(204, "DELETE", f"/tickets/{story.ticket}", ORGANIZER)
    await story.said(404, "GET", f"/tickets/{story.ticket}")


async def r12_its_bookings_are_canceled(story: Story) -> None:
    await story.sees(OTHER, f"/mypages/{story.second}", status="CANCELED", paymentStatus="CANCELED")
    payment = f"The payment of booking {story.second} of {story.called}"
    await story.told(OTHER, f"{payment} is canceled, {KRW.said(PRICE)} refunded")
    page = f"/guestManagementPages/{story.ticket}"
    balance = {"captured": 2 * PRICE, "refunded": 2 * PRICE - FEE, "fees": FEE, "failed": 0, "kept": 0, "pending": 0}
    await story.sees(ORGANIZER, page, status="DELETED", booked=0, canceled=2, **balance)
    done = await story.said(200, "GET", f"/sales/{story.ticket}/deletion", ORGANIZER)
    assert (done["status"], done["canceled"]) == ("over", {"bookings": 1, "money": PRICE})


async def r13_the_organizer_is_told_of_the_deletion(story: Story) -> None:
    await story.told(ORGANIZER, f"{story.called} is deleted")


STORY: Sequence[Callable[[Story], Awaitable[None]]] = (
    r1_an_organizer_registers_a_ticket,
    r13_the_organizer_is_told_of_the_registration,
    r3_a_buyer_searches_tickets,
    r4_a_buyer_picks_it_and_books,
    r5_payment_was_asked_before_the_answer,
    r6_the_buyer_is_told_of_the_payment,
    r7_the_booking_reaches_the_organizer,
    r8_a_buyer_sees_their_own_bookings_and_state,
    r9_a_buyer_cancels_their_own_booking,
    r10_the_payment_is_canceled_with_it,
    r11_the_buyer_is_told_of_the_refund,
    r2_the_organizer_deletes_the_ticket,
    r12_its_bookings_are_canceled,
    r13_the_organizer_is_told_of_the_deletion,
)


async def play(world: World) -> None:
    """All of it, in a system where nothing is on sale; a failure names the requirement by the function it is in."""
    story = Story(world)
    for told in STORY:
        await told(story)


def requirements() -> Mapping[str, str]:
    """R1 … R13 → who tells of it."""
    return {told.__name__.partition("_")[0].upper(): told.__name__ for told in STORY}
