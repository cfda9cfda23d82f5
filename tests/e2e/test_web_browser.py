"""People at the pages, in real Chromium: buying, paying later, selling; live, without JavaScript, on a phone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from myticket_core.access import Role
from tests.e2e.web_browsing import DESK, PHONE, Driver, Site, driving, fits, running, sign_in, tab

pytestmark = pytest.mark.asyncio(loop_scope="module")
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Site]:
    """Asked for after the browser: without one nothing is started."""
    with running(tmp_path_factory.mktemp("pages")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def driver(chromium: str) -> AsyncIterator[Driver]:
    async with driving(chromium) as found:
        yield found


async def books_and_cancels(page: Page, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=5, cancelFeePercent=10)
    await page.goto("/web/tickets")
    await fits(page)
    await page.fill("#text", f"Night {company}")
    await page.press("#text", "Enter")
    await expect(page.locator("#sum")).to_have_text("Tickets: 1")  # what was typed is found
    await page.click(f"a[href='/web/tickets/{ticket}']")
    await fits(page)
    await page.click("text=Sign in to book")
    await page.fill("#number", str(company))
    await page.click("main button")
    await fits(page)
    await page.click("text=Book and pay ₩15,000")
    await expect(page.locator("#state")).to_contain_text("It is booked")
    await fits(page)
    await page.click("text=Cancel the booking")
    await expect(page.locator(".total dd")).to_have_text("₩13,500")
    await page.click("main button")
    await expect(page.locator("#state")).to_contain_text("It is canceled")
    await fits(page)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_buyer_finds_books_and_cancels(driver: Driver, site: Site, size: dict[str, int]) -> None:
    async with tab(driver, site, size) as page:
        await books_and_cancels(page, site)
        await expect(page.locator("#state")).to_contain_text("₩13,500 was refunded")  # of itself


async def test_looking_while_typing_tells_what_is_wrong_and_is_one_step_back(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    site.ticket(company, name=f"Jazz {company}")
    async with tab(driver, site) as page:
        await page.goto("/web/sign-in")
        await page.goto("/web/tickets")
        await page.fill("#text", f"Jazz {company}")
        await page.press("#text", "Enter")
        await expect(page.locator("#found")).to_contain_text("₩15,000")
        await page.click("summary")
        await page.fill("#priceFrom", "cheap")
        await page.press("#priceFrom", "Tab")
        await expect(page.locator("#found [role=alert]")).to_contain_text("The lowest price is a whole number")
        await expect(page.locator("#priceFrom")).to_have_accessible_description(re.compile("The lowest price"))
        await expect(page.locator("#priceFrom")).to_have_attribute("aria-invalid", "true")
        await expect(page.locator("#sum")).to_have_text("")
        await page.evaluate("window.told = document.getElementById('sum')")
        await page.fill("#priceFrom", "1")
        await page.press("#priceFrom", "Tab")
        await expect(page.locator("#found")).to_contain_text("₩15,000")
        await expect(page.locator("[aria-invalid], [aria-describedby=wrong]")).to_have_count(0)
        assert await page.evaluate("told.isConnected && told.textContent") == "Tickets: 1", "else nobody reads it out"
        await page.click("text=한국어")
        await expect(page.locator("#text")).to_have_value(f"Jazz {company}")
        await expect(page.locator("#found li")).to_have_count(1)
        await page.go_back()
        await page.go_back()
        await page.wait_for_url("**/web/sign-in")


async def test_a_click_is_not_lost_on_a_list_that_is_found_anew_meanwhile(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, name=f"Pressed {company}")
    async with tab(driver, site) as page:
        answered = asyncio.Event()

        async def answer(route: Route) -> None:
            await answered.wait()
            await route.continue_()

        async def pressed() -> None:
            """And what was asked for before is answered now."""
            answered.clear()
            async with page.expect_request("**/web/tickets?**"):
                await page.press("#text", "Enter")
            await page.hover(f"#found a[href='/web/tickets/{ticket}']")
            await page.mouse.down()
            await page.evaluate("window.came = false")
            answered.set()
            await page.wait_for_function("() => came")

        await page.goto(f"/web/tickets?text=Pressed {company}")
        await page.route("**/web/tickets?**", answer)
        await page.evaluate("addEventListener('htmx:beforeSwap', () => window.came = true, true)")
        await page.evaluate("window.first = document.getElementById('found')")
        await pressed()
        await page.mouse.move(1, 1)
        await page.mouse.up()
        await page.wait_for_function("() => !first.isConnected")  # it was asked for again
        await pressed()
        await page.mouse.up()
        await page.wait_for_url(f"**/web/tickets/{ticket}")


@pytest.mark.parametrize("how", ["refused", "cut off"])
async def test_a_search_that_fails_says_so(driver: Driver, site: Site, how: str) -> None:
    async with tab(driver, site) as page:

        async def answer(route: Route) -> None:
            if how == "cut off" and "hx-request" in route.request.headers:
                await route.abort()
            else:
                await route.fulfill(status=503, content_type="text/html", body="<h1>Not quite</h1>")

        await page.goto("/web/tickets")
        await page.route("**/web/tickets?**", answer)
        await page.fill("#text", "Jazz")
        if how == "cut off":  # who only types keeps the page
            await page.wait_for_event("requestfailed")
            await page.press("#text", "Enter")
        await expect(page.locator("h1")).to_have_text("Not quite")
        assert "text=Jazz" in page.url
        await page.unroute_all()
        await page.reload()
        await expect(page.locator("#text")).to_have_value("Jazz")


async def test_the_same_without_javascript(driver: Driver, site: Site) -> None:
    async with tab(driver, site, PHONE, java_script_enabled=False) as page:
        await books_and_cancels(page, site)


async def test_what_cannot_be_paid_now_is_held_counted_down_and_paid_later(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=1)
    async with tab(driver, site, PHONE) as page:
        await sign_in(page, "customer", company)
        await page.goto(f"/web/tickets/{ticket}")
        await page.select_option("#card", "sandbox-unavailable")
        await page.click("text=Book and pay")
        await expect(page.locator("#state")).to_contain_text("The seat is held until")
        timer = page.locator("[data-countdown]")
        await expect(timer).to_contain_text(re.compile(r"· time left \d+:\d\d$"))
        before = await timer.text_content()
        await expect(timer).not_to_have_text(before or "")
        await page.click("text=Pay ₩15,000")
        await expect(page.locator("#state")).to_contain_text("It is booked")


STOPPED = """form => {
  form.addEventListener("submit", event => event.preventDefault(), { once: true });
  form.requestSubmit();
  return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).then(() => null);
}"""
"""What is left when the browser is stopped: the form was sent and taken, and no page came."""


async def test_whoever_stopped_the_browser_goes_on_with_the_same_try(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=9)
    async with tab(driver, site) as page:
        await page.clock.install()
        await sign_in(page, "customer", company)
        await page.goto(f"/web/tickets/{ticket}")
        button = page.locator("text=Book and pay")
        await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))
        await page.locator("aside form").evaluate(STOPPED)
        await expect(button).to_be_disabled()
        await page.clock.run_for(10_000)
        await page.clock.resume()
        await button.click()
        await page.wait_for_url("**/web/bookings/*")
        await page.goto("/web/bookings")
        await expect(page.locator("#mine li")).to_have_count(1)


async def test_a_seat_sold_elsewhere_disappears_and_a_canceled_one_returns(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=2)
    async with tab(driver, site) as page:
        await sign_in(page, "customer", company)
        await page.goto(f"/web/tickets/{ticket}")
        await expect(page.locator("#seats")).to_contain_text("2 left")
        order = {"ticketId": ticket}
        site.ask(Role.CUSTOMER, 9001, "POST", "/books", order)
        await expect(page.locator("#seats")).to_contain_text("1 left")
        last = site.ask(Role.CUSTOMER, 9001, "POST", "/books", order).json()["id"]
        await expect(page.locator("#seats")).to_contain_text("Sold out")
        await expect(page.locator("text=Book and pay")).to_have_count(0)
        site.ask(Role.CUSTOMER, 9001, "DELETE", f"/books/{last}")
        await expect(page.locator("text=Book and pay")).to_be_visible()


async def test_a_refused_booking_is_not_made_when_a_seat_comes_free(driver: Driver, site: Site) -> None:
    """The page of its refusal is made anew of itself, and the form whose answer that page is stays unsent."""
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=1)
    async with tab(driver, site) as page:
        await sign_in(page, "customer", company)
        await page.goto(f"/web/tickets/{ticket}")
        elsewhere = site.ask(Role.CUSTOMER, 9001, "POST", "/books", {"ticketId": ticket}).json()["id"]
        await page.click("text=Book and pay")
        await expect(page.locator("aside [role=alert]")).to_contain_text("The last seat has just gone")
        site.ask(Role.CUSTOMER, 9001, "DELETE", f"/books/{elsewhere}")
        await expect(page.locator("text=Book and pay")).to_be_visible()
        await page.goto("/web/bookings")
        await expect(page.locator("#mine")).to_contain_text("No bookings yet")


async def test_a_refused_booking_loaded_again_or_come_back_to_is_looked_at_and_not_sent(
    driver: Driver, site: Site
) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company)
    sent: list[str] = []
    async with tab(driver, site) as page:
        await sign_in(page, "customer", company)
        await page.goto(f"/web/tickets/{ticket}")
        await page.select_option("#card", "sandbox-decline")
        await page.click("text=Book and pay")
        await expect(page.locator("aside [role=alert]")).to_contain_text("The payment was declined")
        page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
        await page.reload()
        await expect(page.locator("text=Book and pay")).to_be_visible()
        await expect(page.locator("aside [role=alert]")).to_have_count(0)
        await page.select_option("#card", "sandbox-decline")
        await page.click("text=Book and pay")
        await expect(page.locator("aside [role=alert]")).to_contain_text("The payment was declined")
        await page.click("nav >> text=My bookings")
        await page.wait_for_url("**/web/bookings")
        await page.go_back()
        await expect(page.locator("text=Book and pay")).to_be_visible()
    assert len(sent) == 1, "the one that was pressed"


async def test_a_free_ticket_is_booked_and_nobody_asks_for_a_card(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, price=0)
    async with tab(driver, site, PHONE) as page:
        await sign_in(page, "customer", company)
        await page.goto(f"/web/tickets/{ticket}")
        await expect(page.locator("#card")).to_have_count(0)
        await fits(page)
        await page.click("text=Book for free")
        await expect(page.locator("#state")).to_contain_text("It is booked")
        await fits(page)
        await page.goto("/web/messages")
        await expect(page.locator(".messages")).to_contain_text("It is free: there is nothing to pay.")


async def test_an_organizer_registers_sees_a_booking_come_deletes_and_sees_refunds(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    async with tab(driver, site) as page:
        await sign_in(page, "organizer", company)
        await page.click("text=My sales")
        await page.click("text=Register a ticket")
        await page.fill("#name", "Han River Run")
        await page.fill("#price", "28000")
        await page.fill("#capacity", "10")
        await page.fill("#startDate", "2030-05-01T07:00")
        await page.click("main button")
        await expect(page.locator("h1")).to_have_text("Han River Run")
        ticket = int(page.url.rpartition("/")[2])
        await page.evaluate("window.stays = true")
        site.ask(Role.CUSTOMER, 9002, "POST", "/books", {"ticketId": ticket})
        await expect(page.locator("#figures")).to_contain_text("9002")
        await expect(page.locator("#figures")).to_contain_text("₩28,000")
        await expect(page.locator("#chart svg")).to_be_visible()
        await expect(page.locator("#bell .count")).not_to_have_count(0)
        await page.focus("#last")
        site.ask(Role.CUSTOMER, 9003, "POST", "/books", {"ticketId": ticket})
        await expect(page.locator("#figures")).to_contain_text("9003")
        await expect(page.locator("#last")).to_be_focused()
        assert await page.evaluate("window.stays"), "it was loaded anew"
        await page.click("text=Delete the ticket")
        await expect(page.locator(".total dd")).to_have_text("₩56,000")
        await page.click("text=Delete it and refund everybody")
        await expect(page.locator("#progress")).to_contain_text("All bookings are canceled")
        await expect(page.locator("#progress .total dd")).to_have_text("₩56,000")


async def test_a_form_with_moments_fits_a_screen_of_320_pixels(driver: Driver, site: Site) -> None:
    """As wide as a desk's when all is four times as large (WCAG 2.2, 1.4.10)."""
    async with tab(driver, site, {"width": 320, "height": 256}) as page:
        await sign_in(page, "organizer", next(site.numbers))
        await page.goto("/web/organizer/tickets/new")
        await fits(page)
        await page.focus("main button")
        above = await page.evaluate("document.querySelector('.top').getBoundingClientRect().bottom")
        assert above <= 0, "what stays above would take half of it"


CUT = """() => [...document.querySelectorAll("#chart text")].filter(it => {
  const text = it.getBoundingClientRect(), chart = it.ownerSVGElement.getBoundingClientRect();
  return text.left < chart.left || text.right > chart.right || text.top < chart.top || text.bottom > chart.bottom;
}).map(it => it.textContent)"""
READ = """() => [...document.querySelectorAll("#chart text")].map(it =>
  parseFloat(getComputedStyle(it).fontSize) * it.getScreenCTM().a)"""
"""How large the chart's texts are on the screen, in pixels."""


@pytest.mark.parametrize("wide", [320, 390, 500, 768, 1200])
async def test_what_is_written_in_a_chart_can_be_read_on_every_screen(driver: Driver, site: Site, wide: int) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, price=0)
    site.ask(Role.CUSTOMER, company, "POST", "/books", {"ticketId": ticket})
    async with tab(driver, site, {"width": wide, "height": 800}) as page:
        await sign_in(page, "organizer", company)
        await page.goto(f"/web/organizer/tickets/{ticket}")
        await expect(page.locator("#chart text:not(.day)")).to_have_text("1")
        sizes = await page.evaluate(READ)
        assert 11 <= min(sizes) <= max(sizes) <= 22, sizes
        assert await page.evaluate(CUT) == []
        await fits(page)


async def test_how_the_last_bookings_stand_is_seen_whole_on_a_screen_of_320_pixels(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company)
    booking = site.ask(Role.CUSTOMER, company, "POST", "/books", {"ticketId": ticket}).json()["id"]
    site.ask(Role.CUSTOMER, company, "DELETE", f"/books/{booking}")
    async with tab(driver, site, {"width": 320, "height": 800}) as page:
        await sign_in(page, "organizer", company)
        await page.goto(f"/web/organizer/tickets/{ticket}")
        for state in ("Canceled", "Refunded"):
            await expect(page.locator("#last")).to_contain_text(state)
        within = await page.locator("#last").evaluate("last => [last.scrollWidth, last.clientWidth]")
        assert within[0] <= within[1], within


LAID = """() => [...document.querySelectorAll(".ticket .what")].map(it => [it.offsetLeft, it.offsetWidth])"""


@pytest.mark.parametrize("wide", [320, 1200])
async def test_what_one_waits_for_is_laid_out_as_what_one_has_booked(driver: Driver, site: Site, wide: int) -> None:
    """Its name stood in the narrow column of the day, a letter below the other."""
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=1)
    site.ask(Role.CUSTOMER, 9001, "POST", "/books", {"ticketId": ticket})
    site.ask(Role.CUSTOMER, company, "PUT", f"/sales/{ticket}/waiting", {"startDate": "2030-05-01T10:00:00Z"})
    site.ask(Role.CUSTOMER, company, "POST", "/books", {"ticketId": site.ticket(company)})
    async with tab(driver, site, {"width": wide, "height": 800}) as page:
        await sign_in(page, "customer", company)
        await page.goto("/web/bookings")
        booked, waits = await page.evaluate(LAID)
        assert booked == waits
        await fits(page)


@pytest.mark.parametrize("wide", [320, 390, 768, 1024])
async def test_a_day_to_search_from_is_seen_whole(driver: Driver, site: Site, wide: int) -> None:
    """With what opens a calendar beside it, which takes some of the field."""
    async with tab(driver, site, {"width": wide, "height": 800}) as page:
        await page.goto("/web/tickets?from=2030-12-31")
        await fits(page)
        assert await page.evaluate("document.querySelector('#from').offsetWidth >= 150")


BROKEN = """() => [...document.querySelectorAll(".tiles dd, .pairs dd, .sums dd, .price, .ticket b")].filter(it => {
  const words = document.createRange();
  words.selectNodeContents(it);
  return /^₩?[0-9,]+$/.test(it.textContent) && new Set([...words.getClientRects()].map(line => line.top)).size > 1;
}).map(it => `${location.pathname} ${it.textContent}`)"""
"""A number that goes on in another line reads as two."""


async def test_an_amount_is_in_one_piece_on_a_screen_of_320_pixels(driver: Driver, site: Site) -> None:
    """₩1,234,56 and a 7 below it is read as something else."""
    company = next(site.numbers)
    ticket = site.ticket(company, price=1_234_567)
    order = {"ticketId": ticket, "price": 1_234_567, "paymentMethod": "sandbox-approve"}
    site.ask(Role.CUSTOMER, company, "POST", "/books", order)
    async with tab(driver, site, {"width": 320, "height": 700}) as page:
        await sign_in(page, "organizer", company)
        for path in ("", f"/tickets/{ticket}"):
            await page.goto(f"/web/organizer{path}")
            await expect(page.locator(".tiles").last).to_contain_text("₩1,234,567")
            assert await page.evaluate(BROKEN) == []
            await fits(page)


BESIDE = """() => [...document.querySelectorAll("main *:not(.scroll *, svg *)")].filter(it => {
  const around = it.closest(".ticket") ?? document.body;
  return it.getBoundingClientRect().right > around.getBoundingClientRect().right + 1;
}).map(it => `${location.pathname} ${it.outerHTML.slice(0, 80)}`)"""
"""What is cut off at the right: a ticket of a list hides what is beside it, which makes no page wider."""
COVERED = """() => {
  const focused = document.activeElement, top = document.querySelector(".top");
  const ends = focused.getBoundingClientRect().bottom, below = top.getBoundingClientRect().bottom;
  const seen = ends > below || top.contains(focused) || focused.className === "skip";
  return seen ? null : focused.outerHTML.slice(0, 80);
}"""


@pytest.mark.parametrize("wide, locale", [(320, "ko-KR"), (390, "en-US")])
async def test_nothing_is_cut_off_when_text_is_twice_as_large_nor_is_focus_behind_what_stays_above(
    driver: Driver, site: Site, wide: int, locale: str
) -> None:
    """WCAG 2.2, 1.4.4 and 2.4.11."""
    company = next(site.numbers)
    day = {"startDate": "2030-05-30T10:00:00Z", "endDate": "2030-05-31T10:00:00Z"}
    ticket = site.ticket(company, name=f"Large {company}", capacity=5, price=1_234_567, **day)
    booking, _ = (
        site.ask(Role.CUSTOMER, company, "POST", "/books", {"ticketId": ticket, "paymentMethod": card}).json()["id"]
        for card in ("sandbox-approve", "sandbox-timeout")  # a badge of many letters
    )
    below = f"/bookings/{booking}"
    found_it = f"/tickets?text=Large+{company}"
    paths = (found_it, f"/tickets/{ticket}", "/bookings", below, f"{below}/ticket", f"{below}/cancel", "/messages")
    found: list[str | None] = []
    async with tab(driver, site, {**PHONE, "width": wide}, locale=locale) as page:
        await sign_in(page, "customer", company)
        for path in paths:
            await page.goto(f"/web{path}")
            await page.evaluate("document.documentElement.style.fontSize = '200%'")
            found += await page.evaluate(BESIDE)
            found += await page.evaluate(BROKEN)
        await sign_in(page, "organizer", company)
        await page.goto(f"/web/organizer/tickets/{ticket}")
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        found += await page.evaluate(BROKEN)
        await page.goto("/web/organizer/tickets/new")
        await page.focus("main button")
        for _ in range(30):  # a field with a moment has six stops
            await page.keyboard.press("Shift+Tab")
            found.append(await page.evaluate(COVERED))
    assert set(found) <= {None}


async def test_a_change_shows_within_a_second_and_a_tab_that_closes_leaves_no_stream(
    driver: Driver, site: Site
) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=10)
    order = {"ticketId": ticket, "paymentMethod": "sandbox-approve"}
    async with tab(driver, site) as buyer, tab(driver, site) as seller:
        await sign_in(buyer, "customer", company)
        await buyer.goto("/web/bookings")
        await sign_in(seller, "organizer", company)
        await seller.goto(f"/web/organizer/tickets/{ticket}")
        for page in (buyer, seller):
            await page.evaluate("window.stays = true")
            await page.wait_for_function("() => stream?.readyState === 1 && last > 0")
        await settled(site, 2)
        booking = site.ask(Role.CUSTOMER, company, "POST", "/books", order).json()["id"]
        await expect(buyer.locator("#mine")).to_contain_text(f"Booking {booking}", timeout=1000)
        await expect(seller.locator("#figures tbody th")).to_have_text(str(booking), timeout=1000)
        await expect(buyer.locator("#bell .count")).to_be_visible()
        site.ask(Role.CUSTOMER, company, "DELETE", f"/books/{booking}")
        await expect(buyer.locator("#mine .badge")).to_have_text("Canceled", timeout=1000)
        for page in (buyer, seller):
            assert await page.evaluate("window.stays"), "it was loaded anew"
        await buyer.close()
        await settled(site, 1)
    await settled(site, 0)


async def test_whose_turn_it_is_sees_it_without_reloading(driver: Driver, site: Site) -> None:
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=1)
    taken = site.ask(Role.CUSTOMER, 9002, "POST", "/books", {"ticketId": ticket}).json()["id"]
    site.ask(Role.CUSTOMER, company, "PUT", f"/sales/{ticket}/waiting")
    async with tab(driver, site, PHONE) as page:
        await sign_in(page, "customer", company)
        await page.goto("/web/bookings")
        await page.wait_for_function("() => stream?.readyState === 1 && last > 0")
        await page.focus("#lines a")
        await page.evaluate("window.stays = true")
        site.ask(Role.CUSTOMER, 9002, "DELETE", f"/books/{taken}")
        await expect(page.locator("#lines .badge")).to_have_text("It is your turn")
        await expect(page.locator("#mine .badge")).to_have_text("Awaiting payment")
        await expect(page.locator("#lines a")).to_be_focused()
        site.ask(Role.CUSTOMER, company, "DELETE", f"/sales/{ticket}/waiting")
        await expect(page.locator("#mine .badge")).to_have_text("Canceled")
        await expect(page.locator("#lines")).to_have_count(0)
        assert await page.evaluate("window.stays"), "it was loaded anew"


async def settled(site: Site, streams: int) -> None:
    """Once so many are open, as the server's figures say."""
    async with asyncio.timeout(10):
        while True:
            if site.figure("myticket_streams") == streams:
                return
            await asyncio.sleep(0.02)


async def test_signing_in_and_out_by_keys_alone(driver: Driver, site: Site) -> None:
    async with tab(driver, site) as page:
        await page.goto("/web/sign-in")
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        for key in ("Tab", "ArrowDown", "Tab", "Enter"):  # into the choice, organizer, the number, and off
            await page.keyboard.press(key)
        await expect(page.locator(".who")).to_have_text("Organizer 1")
        await page.focus("text=Sign out")
        await page.keyboard.press("Enter")
        await expect(page.locator("text=Sign in")).to_be_visible()
        await page.goto("/web/organizer")
        await page.wait_for_url("**/web/sign-in?**")


@pytest.mark.parametrize("scheme, locale", [("light", "ko-KR"), ("dark", "en-US")])
async def test_no_page_has_a_serious_barrier(driver: Driver, site: Site, scheme: str, locale: str) -> None:
    """By axe-core's rules: serious and critical ones."""
    company = next(site.numbers)
    ticket = site.ticket(company, capacity=5)
    held = {"ticketId": ticket, "paymentMethod": "sandbox-approve"}
    booking = site.ask(Role.CUSTOMER, company, "POST", "/books", held).json()["id"]
    below = f"/organizer/tickets/{ticket}"
    seen = {
        "": ("/tickets?order=cheap", f"/tickets/{ticket}", "/sign-in", "/nowhere"),
        "customer": (
            f"/tickets/{ticket}",
            "/bookings",
            f"/bookings/{booking}",
            f"/bookings/{booking}/cancel",
            "/messages",
            "/contacts",
        ),
        "organizer": (
            site.door(booking),
            "/organizer",
            below,
            f"{below}/edit",
            f"{below}/delete",
            f"{below}/deletion",
            "/messages",
        ),
    }
    found: list[str] = []
    async with tab(driver, site, PHONE, color_scheme=scheme, locale=locale) as page:
        for role, paths in seen.items():
            if role:
                await sign_in(page, role, company)
            for path in paths:
                await page.goto(f"/web{path}")
                await fits(page)
                said = (await Axe().run(page)).response
                assert said["passes"], path
                found += [f"{path} {it['id']}: {it['nodes'][0]['html']}" for it in said["violations"]
                          if it["impact"] in ("serious", "critical")]  # fmt: skip
    assert found == []
