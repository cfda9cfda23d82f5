"""What browsers and others send to the pages that no page of ours says: it is answered, and shuts nobody out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from adapters.web.addresses import at, ours
from adapters.web.answers import NoPage
from adapters.web.form import fields
from adapters.web.sessions import COOKIE, cookies
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.values import LARGEST
from tests.services.web_world import WebWorld


async def test_a_query_may_have_any_name() -> None:
    async with WebWorld().browsing() as browser:
        await browser.sign_in("customer")
        for name in ("path", "self", "query", "template", "key", "가"):
            for path, status in (("/tickets", 200), ("/nowhere", 404)):
                assert (await browser.see(f"{path}?{name}=x")).status_code == status, name


async def test_a_cookie_of_somebody_else_signs_nobody_out() -> None:
    async with WebWorld().browsing() as browser:
        await browser.sign_in("customer", 7)
        mine = f"{COOKIE}={browser.http.cookies[COOKIE]}"
        browser.http.cookies.clear()
        for foreign in ('x={"a":1}', "a b=c", "=", ";;", 'q="', "한=글", "myticketx=1", "x"):
            for both in (f"{foreign}; {mine}", f"{mine}; {foreign}"):
                page = await browser.http.get("/web/bookings", headers={b"cookie": both.encode()})
                assert "Buyer 7" in page.text, both


def test_of_two_cookies_with_one_name_the_first_counts() -> None:
    assert cookies("a=1; b=x=y ;a=2") == {"a": "1", "b": "x=y"}


async def test_one_goes_on_to_any_address_of_ours() -> None:
    async with WebWorld().browsing() as browser:
        for said in ("/web/가", "/web/tickets?text=가 나", "/web/%EA%B0%80", '/web/a<b>"c'):
            await browser.see("/sign-in", next=said)
            answer = await browser.send("/sign-in", role="customer", number="1")
            assert answer.history[0].status_code == 303, said
            assert answer.history[0].headers["location"].isascii()
            assert answer.status_code in (200, 404)


def test_an_address_that_is_one_stays_as_it_is() -> None:
    for good in ("/web/bookings?page=2&x=%EA%B0%80", "/web/tickets/1", "/web/tickets?a=b+c&d='e'"):
        assert ours(good) == good
    assert at("/가", 나="다").isascii()


async def test_the_largest_number_that_the_api_knows_has_its_pages_and_a_larger_one_has_none() -> None:
    world = WebWorld()
    world.dbs["ticket"].tickets[TicketId(LARGEST - 1)] = Ticket(id=TicketId(LARGEST - 1), company_id=1, price=0)
    assert await world.ticket(name="The last one") == LARGEST
    async with world.browsing() as browser:
        await browser.sign_in("customer", LARGEST, next=f"/web/tickets/{LARGEST}")
        assert "The last one" in browser.text
        await browser.send(f"/tickets/{LARGEST}")
        await browser.see("/bookings/1")
        assert "The last one" in browser.text
        for id in (LARGEST + 1, 10**17, "9" * 5000):
            assert (await browser.see(f"/tickets/{id}")).status_code == 404


async def test_an_address_that_no_page_has_is_not_there_signed_in_or_not_any_more() -> None:
    world = WebWorld()
    addresses = ("/가", "/tickets/1٣", "/bookings/1٣/ticket.ics", "/static/가")
    async with world.browsing() as browser:
        await browser.sign_in("customer")
        assert [(await browser.see(path)).status_code for path in addresses] == [404] * 4
        assert (await browser.see("/door/1/가")).status_code == 403
        ended = {"cookie": f"{COOKIE}={browser.http.cookies[COOKIE]}"}
        browser.http.cookies.clear()
        world.clock.time = world.clock.time.replace(year=2027)
        for path in addresses:
            sent = await browser.http.get(f"/web{path}", headers=ended, follow_redirects=False)
            assert (sent.status_code, sent.headers.get("location", "").isascii()) == (303, True), path
        await browser.see("/door/1/가")
        assert browser.at == "/web/sign-in"


async def test_a_key_that_no_form_has_is_refused_and_nothing_booked() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        form = browser.form("/tickets/1")
        for key in ("가", "a\nb", "\x7f", "x" * 300):
            answer = await browser.http.post("/web/tickets/1", data={**form, "key": key})
            assert answer.status_code == 400, key
    assert (await world.ask("customer 1", "GET", "/books")).json()["page"]["totalElements"] == 0


async def test_who_signs_in_as_nobody_hears_at_the_field_what_is_wrong_with_it() -> None:
    async with WebWorld().browsing() as browser:
        await browser.see("/sign-in")
        page = await browser.send("/sign-in", role="customer", number="0")
        assert page.status_code == 400
        assert re.search(r'<input id="number"[^>]* aria-invalid="true" aria-describedby="wrong" autofocus>', page.text)
        assert '<div class="alert bad" id="wrong" role="alert"><p>Choose a role, and give a number' in page.text


@pytest.mark.parametrize(
    "method, path, allow", [("GET", "/sign-out", "POST"), ("PUT", "/bookings/1", "GET, HEAD, POST")]
)
async def test_what_can_be_done_with_a_page_is_said_where_something_else_was_asked(
    method: str, path: str, allow: str
) -> None:
    async with WebWorld().browsing() as browser:
        answer = await browser.http.request(method, f"/web{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, allow)


async def test_a_form_that_breaks_off_is_none_and_one_in_parts_is_whole() -> None:
    """The price of one that was cut is another price, and no fee is whatever fee."""
    parts = [{"type": "http.request", "body": it, "more_body": True} for it in (b"price=25", b"000&name=x")]
    whole = [*parts, {"type": "http.request", "body": b""}]
    assert await fields(_receiving(whole)) == {"price": "25000", "name": "x"}
    for arrived in range(len(parts) + 1):
        with pytest.raises(NoPage, match="form_too_old"):
            await fields(_receiving([*parts[:arrived], {"type": "http.disconnect"}]))


def _receiving(messages: list[dict[str, Any]]) -> Any:
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(left)

    return receive
