"""The organizer's pages and the messages, over real HTTP and without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from attrs import evolve

from adapters.system import concurrently
from myticket_core.booking.close_sale import CancelCampaign
from myticket_core.notification.compose import ComposeNotifications
from tests.services.web_world import Browser, WebWorld


async def _registered(world: WebWorld, browser: Browser, **terms: str) -> None:
    await browser.sign_in("organizer", next="/web/organizer/tickets/new")
    await browser.send("/organizer/tickets/new", **{"name": "Jazz", "price": "15000", "capacity": "10", **terms})
    await world.settle()


def _marked(page: str) -> list[str]:
    return re.findall(r'<input id="(\w+)"[^>]* aria-invalid="true"', page)


async def test_a_ticket_is_registered_in_koreas_time_once_per_form_and_shown() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/new")
        fields = {**browser.form("/organizer/tickets/new"), "name": "Jazz", "price": "15000", "capacity": "10",
                  "startDate": "2030-05-01T19:00", "endDate": "2030-05-01T21:00"}  # fmt: skip
        for _ in range(2):
            browser.page = await browser.http.post("/web/organizer/tickets/new", data=fields)
            assert browser.at == "/web/organizer/tickets/1"
        assert "Wed, 1 May 2030, 19:00" in browser.text
        await world.settle()
        await browser.see("/organizer")
        assert "Jazz ₩15,000" in browser.text
    assert (await world.ask(None, "GET", "/tickets/1")).json()["startDate"] == "2030-05-01T10:00:00.000+0000"
    assert (await world.ask(None, "GET", "/tickets")).json()["page"]["totalElements"] == 1


@pytest.mark.parametrize(
    "typed, begins",
    [
        ("2030-05-01T19:00:30", "2030-05-01T10:00:30.000+0000"),
        ("2030-05-01T19:00:30.5", "2030-05-01T10:00:30.500+0000"),
        ("2030-05-01 19:00", "2030-05-01T10:00:00.000+0000"),
        ("2030-05-01", "2030-04-30T15:00:00.000+0000"),
        ("20300501", "2030-04-30T15:00:00.000+0000"),
        ("2030-05-01T19:00+01:00", "2030-05-01T18:00:00.000+0000"),
    ],
)
async def test_however_a_moment_is_typed_it_is_koreas(typed: str, begins: str) -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _registered(world, browser, startDate=typed)
    assert (await world.ask(None, "GET", "/tickets/1")).json()["startDate"] == begins


async def test_a_wrong_field_is_marked_and_the_others_stay() -> None:
    async with WebWorld().browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/new")
        assert "Price (KRW) Digits only" in browser.text
        page = await browser.send("/organizer/tickets/new", name="Jazz", price="free")
        assert page.status_code == 400
        assert "A whole number of 0 or more, without commas." in browser.text
        assert re.search(r'name="price"[^>]*aria-invalid="true"', page.text)
        assert 'value="Jazz"' in page.text
        for name in ("price", "capacity"):
            await browser.send("/organizer/tickets/new", **{"price": "1", name: "9" * 20})
            assert "That number is too large: 9007199254740991 at most." in browser.text
        await browser.send("/organizer/tickets/new", name="Jazz\u00a0Night", price="1", capacity="")
        assert "unusual spaces" in browser.text
        await browser.send(
            "/organizer/tickets/new", price="1", startDate="2030-05-02T00:00", endDate="2030-05-01T00:00"
        )
        assert browser.page.status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Jazz\u00a0Night", "price": "15,000", "capacity": "1 000", "cancelFeePercent": "ten"},
        {"name": "J" * 201, "price": "9" * 5000, "capacity": "9" * 16, "cancelFeePercent": "101"},
        {"name": "\u3164", "price": "", "startDate": "soon", "cancelUntil": "never"},
        {"name": "J" * 201, "endDate": "2030-04-30T19:00", "cancelFeePercent": "101"},
        {"price": "-1", "startDate": "0001-01-01T00:00", "cancelUntil": "0001-01-01T00:00"},
    ],
)
async def test_of_several_wrong_fields_each_is_marked_at_once_and_the_first_has_the_focus(
    wrong: dict[str, str],
) -> None:
    world = WebWorld()
    await world.ticket(price=15000, startDate="2030-05-01T10:00:00Z")
    async with world.browsing() as browser:
        for form in ("new", "1/edit"):
            await browser.sign_in("organizer", next=f"/web/organizer/tickets/{form}")
            right = {"price": "15000", "startDate": "2030-05-01T19:00"}
            page = await browser.send(f"/organizer/tickets/{form}", **right | wrong)
            assert page.status_code == 400
            marked = _marked(page.text)
            assert set(marked) == set(wrong)
            assert re.findall(r'class="wrong" id="(\w+)-hint"', page.text) == marked
            assert re.findall(r'<input id="(\w+)"[^>]* autofocus', page.text) == marked[:1]


@pytest.mark.parametrize(
    "dates, told",
    [
        ({"endDate": "2020-05-01T21:00"}, "That is over: nobody could book this."),
        ({"startDate": "2020-05-01T19:00", "endDate": "2020-05-01T21:00"}, "That is over: nobody could book this."),
        ({"startDate": "2020-05-01T19:00"}, "That is over, and nobody would book this."),
    ],
)
async def test_what_is_over_already_is_not_registered_by_mistake(dates: dict[str, str], told: str) -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/new")
        page = await browser.send("/organizer/tickets/new", name="Jazz", price="15000", **dates)
        assert page.status_code == 400
        assert told in browser.text
        assert _marked(page.text) == [*dates][-1:]
        page = await browser.send("/organizer/tickets/new", cancelFeePercent="101")
        assert _marked(page.text) == [*[*dates][-1:], "cancelFeePercent"]
        assert told in browser.text
        await browser.send("/organizer/tickets/new", cancelFeePercent="")
        assert (await world.ask(None, "GET", "/tickets")).json()["page"]["totalElements"] == 0
        await browser.send("/organizer/tickets/new", startDate="2020-05-01T19:00", endDate="2040-05-01T21:00")
        assert browser.at == "/web/organizer/tickets/1", "it has begun, and goes on"
        await browser.see("/organizer/tickets/1/edit")
        await browser.send("/organizer/tickets/1/edit", endDate="2020-05-01T21:00")
        assert browser.at == "/web/organizer/tickets/1", "its sale is ended"


async def test_a_ticket_is_deleted_before_booking_has_heard_of_it() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/new")
        await browser.send("/organizer/tickets/new", name="Jazz", price="15000", capacity="10")
        await browser.see("/organizer/tickets/1/delete")
        await browser.send("/organizer/tickets/1/delete")
        assert browser.page.status_code == 200
        (polled,) = re.findall(r'hx-get="([^"]+)"', browser.page.text)[:1] or [""]
        assert "begun=1" in browser.page.text
        assert "It is about to begin" in browser.text, polled
        await world.settle()
        await browser.see("/organizer/tickets/1/deletion", begun="1")
        assert "It is about to begin" not in browser.text
        assert (await browser.see("/organizer/tickets/2/deletion")).status_code == 404


async def test_terms_are_edited_and_emptied() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _registered(world, browser, cancelFeePercent="10", startDate="2030-05-01T19:00")
        await browser.see("/organizer/tickets/1/edit")
        assert browser.form("/organizer/tickets/1/edit")["startDate"] == "2030-05-01T19:00"
        await browser.send("/organizer/tickets/1/edit", price="16000", capacity="")
        assert "₩16,000" in browser.text
    ticket = (await world.ask(None, "GET", "/tickets/1")).json()
    assert (ticket["price"], ticket["capacity"], ticket["cancelFeePercent"]) == (16000, None, 10)
    assert ticket["startDate"] == "2030-05-01T10:00:00.000+0000"


async def test_editing_changes_what_was_edited_and_nothing_else() -> None:
    world = WebWorld()
    begins = "2030-05-01T10:00:43.511+0000"
    await world.ticket(name="Jazz", capacity=10, startDate=begins)
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/1/edit")
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"price": 16000, "capacity": 20})
        await browser.send("/organizer/tickets/1/edit", name="Blues")
        assert browser.at == "/web/organizer/tickets/1"
        for _ in range(2):
            await browser.see("/organizer/tickets/1/edit")
            await browser.send("/organizer/tickets/1/edit")
        ticket = (await world.ask(None, "GET", "/tickets/1")).json()
        said = [ticket[name] for name in ("name", "price", "capacity", "startDate", "version")]
        assert said == ["Blues", 16000, 20, begins, 3]
        await browser.see("/organizer/tickets/1/edit")
        assert (await browser.send("/organizer/tickets/1/edit", price="free", name="Rock")).status_code == 400
        await browser.send("/organizer/tickets/1/edit", price="16000")
    ticket = (await world.ask(None, "GET", "/tickets/1")).json()
    assert (ticket["name"], ticket["price"], ticket["startDate"]) == ("Rock", 16000, begins)


async def test_held_booked_left_and_revenue_are_shown() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _registered(world, browser)
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
        await world.ask("customer 2", "POST", "/books", {"ticketId": 1, "paymentMethod": "unavailable"})
        await world.settle()
        for path in ("/organizer", "/organizer?part=1", "/organizer/tickets/1?part=1"):
            await browser.see(path)
            assert "Booked 1 Held 1 Left 8" in browser.text
            assert "Revenue ₩15,000" in browser.text
        assert "1 1 ₩15,000 Booked Paid" in browser.text
        for path in ("/organizer?part=1", "/organizer/tickets/1?part=1", "/organizer/tickets/1/chart?x=1", "/bell?x=1"):
            await browser.see(path)
            seen = re.search(r"seen=(\w{12})", browser.page.text)
            assert seen, path
            assert (await browser.see(f"{path}&seen={seen[1]}")).status_code == 204


STANDS = ("Sold out", "Sale over", "Deleted", "Left 1", "Left 0", "Left –")


async def _stand(browser: Browser) -> list[str]:
    """How the ticket stands, the same in the list, on its own page, and in the part that is live."""
    seen = []
    for path in ("/organizer", "/organizer/tickets/1", "/organizer/tickets/1?part=1"):
        await browser.see(path)
        seen.append([it for it in STANDS if it in browser.text])
    assert seen[0] == seen[1]
    assert set(seen[2]) == set(seen[1]) - {"Deleted"}, "which stands above"
    return seen[0]


async def test_whether_it_is_still_sold_is_shown_and_what_is_deleted_has_no_seats_left() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await world.ticket(capacity=1, endDate="2026-11-23T03:00:00Z")
        await browser.sign_in("organizer")
        assert await _stand(browser) == ["Left 1"]
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
        await world.settle()
        assert await _stand(browser) == ["Sold out", "Left 0"]
        world.clock.time += timedelta(hours=12)
        assert await _stand(browser) == ["Sale over", "Left 0"]
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        await world.settle()
        assert await _stand(browser) == ["Deleted", "Left –"]


async def test_deleting_is_foreseen_done_and_followed_to_its_end() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _registered(world, browser)
        await browser.see("/organizer/tickets/1/delete")
        assert "Nobody has booked it. It will not be sold any more. Delete the ticket Keep it" in browser.text
        for _ in range(2):
            await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
        await world.settle()
        await browser.see("/organizer/tickets/1/delete")
        await browser.see("/organizer/tickets/1/deletion")
        assert browser.at == "/web/organizer/tickets/1/delete"
        assert "Bookings to be canceled 2" in browser.text
        assert "To be refunded ₩30,000" in browser.text
        await browser.send("/organizer/tickets/1/delete")
        assert browser.at == "/web/organizer/tickets/1/deletion"
        assert "It is about to begin" in browser.text
        assert "See how it stands now" in browser.text
        for envelope in list(world.dbs["ticket"].outbox.values()):
            await world.consumers()[0].handle(envelope)
        await browser.see("/organizer/tickets/1/deletion")
        assert "In all 2 Done 0 Left 2 Failed 0 To be refunded ₩30,000 Refunded ₩0" in browser.text
        await CancelCampaign(world.bookings, world.sales, world.clock, concurrently)()
        await browser.see("/organizer/tickets/1/deletion")
        assert "All bookings are canceled. In all 2 Done 2" in browser.text
        assert "See how it stands now" in browser.text, "the money is still due"
        await world.settle()
        await browser.see("/organizer/tickets/1/deletion")
        assert "All bookings are canceled. In all 2 Done 2 Left 0 Failed 0" in browser.text
        assert "Refunded ₩30,000" in browser.text
        assert "See how it stands now" not in browser.text
        await browser.see("/organizer/tickets/1")
        assert "Deleted" in browser.text
        assert (await browser.see("/tickets/1")).status_code == 410


async def test_who_edits_or_deletes_once_more_what_another_tab_has_deleted_is_shown_that_it_is() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _registered(world, browser)
        await browser.see("/organizer/tickets/1/edit")
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        await world.settle()
        assert (await browser.send("/organizer/tickets/1/edit", price="9")).status_code == 200
        assert browser.at == "/web/organizer/tickets/1"
        assert "Deleted" in browser.text
        for path, leads in (("edit", ""), ("delete", "/deletion")):
            assert (await browser.see(f"/organizer/tickets/1/{path}")).status_code == 200
            assert browser.at == f"/web/organizer/tickets/1{leads}"
            assert (await browser.see(f"/organizer/tickets/2/{path}")).status_code == 404, "there never was one"


async def test_a_refund_that_failed_is_shown_to_the_organizer_and_to_the_buyer() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _registered(world, browser)
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "refund fails"})
        await world.settle()
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        await world.settle()
        await browser.see("/organizer/tickets/1/deletion")
        assert "All bookings are canceled." in browser.text
        assert "Not refunded ₩15,000 Refunded ₩0" in browser.text
        await browser.sign_in("customer")
        await browser.see("/bookings/1")
        assert "The refund of ₩15,000 did not go through and is being looked into." in browser.text


async def test_another_organizers_ticket_is_not_there() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", 2)
        for path in ("", "/edit", "/delete", "/deletion"):
            assert (await browser.see(f"/organizer/tickets/1{path}")).status_code == 404
        await browser.see("/organizer")
        assert "No tickets yet" in browser.text


async def test_messages_are_counted_read_in_ones_language_and_marked() -> None:
    world = WebWorld()
    await world.ticket(name="Jazz <b> & Blues")
    for _ in range(2):
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/messages")
        assert 'aria-label="Messages, 2 unread"' in browser.page.text
        assert 'Booking 2 of "Jazz <b> & Blues" (ticket 1) is paid' in browser.text
        assert "결제" not in browser.text
        await browser.send(re.findall(r'action="/web(/messages/\d+)"', browser.page.text)[0])
        assert 'aria-label="Messages, 1 unread"' in browser.page.text
        await browser.send("/messages")
        assert 'aria-label="Messages, 0 unread"' in browser.page.text
        await browser.see("/messages", lang="ko")
        assert "완료되었습니다" in browser.text
        assert "Hello" not in browser.text


class Greeted(WebWorld):
    prefix = "Hello"

    @property
    def compose(self) -> ComposeNotifications:
        return evolve(super().compose, prefix=self.prefix)


@pytest.mark.parametrize("prefix", ["안녕", "안녕 / Hello", "Hello  /  ", "Hello /", "/ Hello", " / / "])
async def test_what_begins_every_message_is_left_out_of_the_list_of_them_however_it_is_written(prefix: str) -> None:
    world = Greeted()
    world.prefix = prefix
    world.changed(prefix=prefix)
    await world.ticket(name="Jazz")
    async with world.browsing("ko") as browser:
        await browser.sign_in("organizer", next="/web/messages")
        assert "></span>&#39;Jazz&#39; 티켓(1번)이 등록되었습니다" in browser.page.text


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_button_is_called_by_what_is_written_on_it(language: str) -> None:
    """So that it is pressed by who says that (WCAG 2.5.3)."""
    world = WebWorld()
    await world.ticket()
    await world.settle()
    async with world.browsing(language) as browser:
        await browser.sign_in("organizer", next="/web/messages")
        buttons = re.findall(r'aria-label="([^"]*)">([^<]+)</button>', browser.page.text)
        assert len(buttons) == 1
        assert [name for name, written in buttons if written not in name] == []


async def test_the_bell_counts_what_came_since() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer")
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
        await world.settle()
        assert "1 unread" in (await browser.see("/bell")).text
