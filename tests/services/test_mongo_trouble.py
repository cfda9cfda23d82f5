"""Documents that are not there, not ours, too new or away: one line that says which setting, and nothing lost."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve
from dns.exception import DNSException

from adapters.persistence import StoreError
from adapters.persistence.mongo import Documents, MongoPages, MongoParking, driver, migrate_documents, read_pages
from myticket_core.access import EVERYTHING
from myticket_core.conformance.page_store import booked, paid, project, registered
from myticket_core.conformance.parking import parked
from myticket_core.errors import NotFound, Unavailable
from myticket_core.invariants import BookingPageRow, TicketPageRow
from scripts.services import Documents as Server
from scripts.services.ports import free_port
from tests.services.mongo_world import by_hand, note, notes, replicas, url_in


@pytest.fixture
def url(mongodb_url, mongodb_database):
    return url_in(mongodb_url, mongodb_database)


@pytest.fixture
def own(real_services, mongodb_url):
    """A server that the test may kill."""
    server = real_services.own("MYTICKET_TEST_MONGODB_URL")
    yield server
    server.kill()


@pytest.fixture
def impatient(monkeypatch):
    """For servers that stay away: the driver looks again only after 500 ms, so it would miss one that comes back."""
    for name in ("serverSelectionTimeoutMS", "connectTimeoutMS", "socketTimeoutMS"):
        monkeypatch.setitem(driver.OPTIONS, name, 300)


@pytest.mark.parametrize(
    "url",
    ["nowhere", "postgresql://a:secret@b/c", "mongodb://", "mongodb://user:secret@host:port/x"],
)
async def test_an_address_that_is_none(url):
    for attempt in (opened_once, migrated):
        with pytest.raises(StoreError, match=r"MONGODB_URL .* is no address of documents") as error:
            await attempt(url)
        assert "secret" not in str(error.value)


async def test_without_a_server_it_opens_and_every_call_says_which_setting(impatient):
    documents = await Documents.open(f"mongodb://u:secret@127.0.0.1:{free_port(1)}/x?authSource=y")
    for call in (
        documents.ping(),
        MongoPages(documents).booking(1, EVERYTHING),
        MongoParking(documents).keys("mypage"),
    ):
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1:\d+/x \(MONGODB_URL\) cannot be reached") as error:
            await call
        assert "secret" not in str(error.value)
        assert "\n" not in str(error.value)
    documents.close()
    with pytest.raises(StoreError, match=r"\(MONGODB_URL\) cannot be reached"):
        migrate_documents(f"mongodb://127.0.0.1:{free_port(1)}/x")


async def test_a_name_that_cannot_be_looked_up_is_waited_for_as_a_server_that_is_away(monkeypatch):
    url, asked = "mongodb+srv://u:secret@docs.example/x", []

    def unknown(question, *_, **__):
        asked.append(question)
        raise DNSException(f"no answer {len(asked)}")

    monkeypatch.setattr("pymongo.synchronous.srv_resolver._resolve", unknown)
    documents = await Documents.open(url)
    with pytest.raises(
        Unavailable, match=r"^mongodb\+srv://docs\.example/x \(MONGODB_URL\) cannot be reached: no answer 2$"
    ):
        await documents.ping()  # looked up anew: it may be there by now
    documents.close()
    with pytest.raises(StoreError, match=r"\(MONGODB_URL\) cannot be reached"):
        migrate_documents(url)


async def test_a_server_that_comes_back_is_served_again_and_has_all_it_acknowledged(own):
    async with replicas(f"{own.url}/x", 1) as (replica,):
        await replica.noted(0)
        acknowledged, some = [0], asyncio.Event()
        writing = asyncio.create_task(until_it_fails(replica, acknowledged, some))
        await some.wait()
        own.kill()
        with pytest.raises(Unavailable, match="MONGODB_URL"):
            await writing
        with pytest.raises(Unavailable):
            await replica.documents.ping()
        own.start()
        await replica.documents.ping()
        await replica.noted(-1)
        assert {*acknowledged, -1} <= {*notes(await replica.pages.booking(5, EVERYTHING))}


async def until_it_fails(replica, acknowledged, some):
    for number in range(1, 100_000):
        await replica.noted(number)
        acknowledged.append(number)
        if number == 20:
            some.set()


async def test_a_server_that_hangs_is_unavailable(own, impatient):
    async with replicas(f"{own.url}/x", 1) as (replica,):
        own.pause()
        for call in (replica.documents.ping(), replica.noted(1)):
            with pytest.raises(Unavailable):
                await call
        own.resume()


async def test_a_start_before_the_schema_is_made(url):
    with pytest.raises(StoreError, match="has no or an older schema: run `myticket migrate mypage` first"):
        await opened_once(url)
    migrate_documents(url)
    await opened_once(url)


async def test_a_server_that_was_down_at_the_start_may_also_be_without_a_schema_at_first(own):
    own.kill()
    documents = await Documents.open(f"{own.url}/x")
    own.start()
    for call in (documents.ping(), MongoParking(documents).park(parked("e1"))):
        with pytest.raises(Unavailable, match="run `myticket migrate mypage` first"):
            await call
    migrate_documents(f"{own.url}/x")
    await documents.ping()
    documents.close()


async def test_documents_of_a_newer_version_are_left_alone(url):
    migrate_documents(url)
    with by_hand(url) as database:
        database.about.update_one({"_id": "schema"}, {"$set": {"version": 9001}})
        for attempt in (opened_once, migrated):
            with pytest.raises(StoreError, match="was written by a newer version of myticket: use that one"):
                await attempt(url)
        assert database.about.find_one({"_id": "schema"})["version"] == 9001


def test_migrations_at_once_make_one_schema_and_a_later_one_has_nothing_to_do(url):
    told = []
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate_documents(url, told.append), range(4)))
    assert told == ["mypage: 0001 The first collections and indexes of mypage."]
    migrate_documents(url, told.append)
    assert len(told) == 1
    with by_hand(url) as database:
        assert len(database.booking_pages.index_information()) == 5
        assert len(database.ticket_pages.index_information()) == 4


def test_migrations_at_once_drop_the_index_that_no_query_uses(url):
    migrate_documents(url)
    with by_hand(url) as database:
        database.booking_pages.create_index([("view", 1), ("company_id", 1), ("booking_id", 1)])
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: migrate_documents(url), range(4)))
        assert len(database.booking_pages.index_information()) == 5


def test_migrating_takes_as_long_as_an_index_does(url, monkeypatch):
    """A millisecond is less than any takes."""
    monkeypatch.setitem(driver.OPTIONS, "socketTimeoutMS", 1)
    migrate_documents(f"{url}?socketTimeoutMS=1")
    with by_hand(url) as database:
        assert len(database.booking_pages.index_information()) == 5


async def test_migrating_touches_nothing_that_is_there(url):
    async with replicas(url, 1) as (replica,):
        await replica.noted(1)
        await replica.views.blank()
        with by_hand(url) as database:
            database.about.delete_one({"_id": "schema"})
            migrate_documents(url)
            assert database.about.find_one({"_id": "views"}) == {"_id": "views", "live": 1, "last": 2}


async def test_a_wrong_password_stops_the_start(tmp_path, mongodb_url):
    with Guarded(tmp_path) as server:
        for attempt in (opened_once, migrated):
            with pytest.raises(StoreError, match=r"\(MONGODB_URL\) does not accept this user and password") as error:
                await attempt(f"mongodb://me:wrong@127.0.0.1:{server.port}/x?authSource=admin")
            assert "wrong" not in str(error.value)


class Guarded(Server):
    """Asks for a password; nobody has one."""

    def command(self):
        return [*super().command(), "--auth"]


async def test_the_address_cannot_say_that_less_is_durable(url):
    store = driver.connect(f"{url}?w=0&journal=false&readPreference=secondary&maxPoolSize=500")
    assert store.write_concern.document == {"w": "majority", "j": True}
    assert store.read_preference.mode == 0
    assert store.client.options.pool_options.max_pool_size == 8
    store.client.close()


async def test_what_one_page_cannot_keep_harms_no_other(url):
    def unwritable(page):
        return evolve(page, status="\ud800")

    async with replicas(url, 1) as (replica,):
        change = replica.projection.change_booking
        outcomes = await asyncio.gather(
            change(1, unwritable), *(replica.noted(1, id) for id in (2, 3)), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [UnicodeEncodeError, type(None), type(None)]
        with pytest.raises(NotFound):
            await replica.pages.booking(1, EVERYTHING)
        assert notes(await replica.pages.booking(3, EVERYTHING)) == [1]


async def test_numbers_come_back_as_plain_integers(url):
    """The driver has a class of its own for long ones, which a strict encoder of JSON refuses."""
    async with replicas(url, 1) as (replica,):
        largest = 2**53 - 1
        await replica.projection.change_booking(largest, lambda page: evolve(page.told(note(largest)), price=largest))
        page = await replica.pages.booking(largest, EVERYTHING)
        numbers = [page.booking_id, page.price, page.history[0].at, page.seen[0][1]]
        assert {type(number) for number in numbers} == {int}
        assert numbers == [largest, largest, largest, 1]


async def test_a_caller_that_goes_away_stops_nobody_else(url):
    async with replicas(url, 1) as (replica,):
        gone, stays = (asyncio.ensure_future(replica.noted(1, id)) for id in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        await stays
        assert notes(await replica.pages.booking(2, EVERYTHING)) == [1]


async def test_what_the_audit_reads(url):
    async with replicas(url, 1) as (replica,):
        await project(replica.projection, registered(6), booked(10), booked(9), paid(9))
        await project(await replica.views.blank(), booked(1))
        await MongoParking(replica.documents).park(parked("e1", consumer="mypage"))
        found = await read_pages(replica.documents)
    members = {"ticket_id": 6, "company_id": 1, "customer_id": 7, "price": 15_000, "start_date": 1, "status": "BOOKED"}
    nine = BookingPageRow(booking_id=9, payment_id=109, payment_status="APPROVED", **members)
    ticket = TicketPageRow(
        ticket_id=6, company_id=1, name="서울 '1'", price=15_000, capacity=2**53 - 1, status="ON_SALE"
    )
    assert found == {
        "booking_pages": [nine, BookingPageRow(booking_id=10, **members)],
        "ticket_pages": [ticket],
        "parked": [("mypage", "e1")],
    }


async def opened_once(url):
    (await Documents.open(url)).close()


async def migrated(url):
    migrate_documents(url)
