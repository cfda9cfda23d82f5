"""Web Push against a push service on loopback that looks at who pushes, and reads as a browser does."""

import asyncio
import gc
import logging
import os
import socket
import threading
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve, field, frozen
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from structlog.testing import capture_logs

from adapters.memory import MemoryContacts, MemoryDatabase, MemoryNotifications
from adapters.notify.pushing import told
from adapters.notify.sealing import sealed
from adapters.notify.vapid import Vapid, new_key
from adapters.notify.web_push import OF_ONE, OF_PLACE, WebPush
from adapters.persistence import Database, SqlContacts, SqlNotifications, SqlTitles, migrate
from adapters.rest.subscriptions import P256DH
from adapters.system import Beside, RandomIds, SystemClock, concurrently
from myticket_core.access import Scope
from myticket_core.booking.events import BookCanceled
from myticket_core.conformance import channel
from myticket_core.errors import Rejected, Unavailable
from myticket_core.messages import Cause
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.contact import Contact
from myticket_core.notification.deliver import DeliverNotifications
from myticket_core.notification.model import PUSH, Message, Notification, NotificationId, Status
from myticket_core.notification.ports import Full, Sought
from myticket_core.notification.subscription import Subscription, from_base64url
from tests.case import Case
from tests.services.push_service import Browser, base64url, pushing
from tests.until import until

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
KIM, LEE, HALL = Scope(customer_id=1), Scope(customer_id=2), Scope(company_id=1)
FACTS = int(os.environ.get("MYTICKET_TEST_FACTS", "10"))
SUBJECT = "mailto:tickets@example.com"
TEXT = "예매 취소 / Booking canceled\n\nHello <예매> 1\n\nHello booking & 1"


def memory():
    return MemoryDatabase(SystemClock(), RandomIds())


async def subscribed(contacts, service, path="/kim", whose=KIM):
    """The place."""
    browser = service.browser(path).subscription
    await contacts.put(Contact(recipient=whose, channel=PUSH, address=browser.written(), place=browser.place))
    return browser.place


def message(event="e1", place="", **whose):
    said = {"event_id": event, "event": "BookCanceled", "channel": PUSH, "text": TEXT, "correlation_id": "c"}
    return Message(**said, **(whose or {"customer_id": 1}), booking_id=5, ticket_id=3, place=place)


def due(message):
    return Notification(id=NotificationId(1), message=message, created_at=NOW, due_at=NOW)


@asynccontextmanager
async def reaching(contacts, *, near=True, **more):
    push = WebPush(Vapid(new_key(), SUBJECT), contacts, near, **more)
    try:
        yield push
    finally:
        await push.close()


class TestWebPush(channel.ChannelConformance, Case):
    async def new(self) -> WebPush:
        service = await self.enterAsyncContext(pushing())
        contacts = MemoryContacts(memory())
        for whose, path in ((KIM, "/kim"), (HALL, "/hall")):
            address = service.browser(path).subscription.written()
            await contacts.put(Contact(recipient=whose, channel=PUSH, address=address))
        return await self.enterAsyncContext(reaching(contacts))


@pytest.fixture
async def service():
    async with pushing() as service:
        yield service


@pytest.fixture
def contacts():
    return MemoryContacts(memory())


async def test_a_browser_reads_what_happened_in_korean_and_english(service, contacts):
    kim, hall = await subscribed(contacts, service), await subscribed(contacts, service, "/hall", HALL)
    key = new_key()
    push = WebPush(Vapid(key, SUBJECT), contacts, near=True)
    for it in (message(place=kim), message(place=kim), message("e2", kim), message(place=hall, company_id=1)):
        await push.send(due(it))
    await push.close()
    first, again, other, organizer = service.taken
    assert first.said["title"] == {"ko": "예매 취소", "en": "Booking canceled"}
    assert first.said["body"] == {"ko": "Hello <예매> 1", "en": "Hello booking & 1"}
    assert (first.said["for"], first.said["bookId"], first.said["ticketId"]) == ("customer", 5, 3)
    assert (organizer.said["for"], organizer.path) == ("organizer", "/hall")
    assert {it.by["sub"] for it in service.taken} == {SUBJECT}
    assert {it.key for it in service.taken} == {Vapid(key, "").public}
    assert (first.headers["Content-Encoding"], int(first.headers["TTL"]) > 3600) == ("aes128gcm", True)
    assert first.headers["Topic"] == first.said["tag"] == again.said["tag"]
    assert len({it.said["tag"] for it in (first, other, organizer)}) == 3
    assert service.asked == ["/kim"] * 3 + ["/hall"]


async def test_that_a_seat_is_kept_for_minutes_wakes_a_telephone_that_dozes(service, contacts):
    kim = await subscribed(contacts, service)
    async with reaching(contacts) as push:
        for event in ("PaymentDue", "BookCanceled"):
            await push.send(due(evolve(message(place=kim), event=event)))
    assert [it.headers["Urgency"] for it in service.taken] == ["high", "normal"]


@pytest.mark.parametrize("words", ["환불" * 5000, '"\\' * 5000, "\x01" * 9000, "😀" * 5000])
async def test_however_long_it_is_a_push_service_takes_it(service, contacts, words):
    kim = await subscribed(contacts, service)
    async with reaching(contacts) as push:
        await push.send(due(evolve(message(place=kim), text=f"예매 / Booked\n\nHello {words}\n\nHello {words}")))
    assert service.taken[0].said["body"]["en"].startswith(f"Hello {words[:100]}")
    assert service.taken[0].said["body"]["ko"].endswith("…")


def test_every_push_is_sealed_anew():
    text, to = told(message()), Browser("https://push.example.com/").subscription
    one, other = sealed(text, to), sealed(text, to)
    assert not {one[:16], one[21:86], one[86:]} & {other[:16], other[21:86], other[86:]}


def test_it_is_sealed_as_in_the_example_of_rfc_8291():
    """Its appendix A."""
    ours = int.from_bytes(from_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    made = sealed(
        b"When I grow up, I want to be a watermelon",
        Subscription(
            "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", P256DH, "BTBZMqHH6r4Tts7J_aSIgg"
        ),
        derive_private_key(ours, SECP256R1()),
        from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert base64url(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_removed_and_no_other(service, contacts, status):
    gone, stays = await subscribed(contacts, service, "/gone"), await subscribed(contacts, service, "/stays")
    service.moods["/gone"] = status, {}
    async with reaching(contacts) as push:
        outcomes = await asyncio.gather(
            *(push.send(due(message(place=gone))) for _ in range(5)), return_exceptions=True
        )
        assert {(type(it), it.code) for it in outcomes} <= {(Rejected, "gone"), (Rejected, "no_contact")}
        assert [it.place for it in await contacts.of(KIM)] == [stays]
        with pytest.raises(Rejected):
            await push.send(due(message(place=gone)))
        await push.send(due(message(place=stays)))
    assert service.told("/stays")


@pytest.mark.parametrize(
    "status, headers, kind, wait",
    [
        (429, {"Retry-After": "7"}, Unavailable, 7),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, Unavailable, 1),
        (500, {"Retry-After": "9" * 30}, Unavailable, 1),
        (403, {}, Unavailable, 1),
        (400, {}, Rejected, None),
        (413, {}, Rejected, None),
        (307, {"Location": "/elsewhere"}, Rejected, None),
    ],
)
async def test_what_is_refused_for_now_and_for_good(service, contacts, status, headers, kind, wait):
    kim = await subscribed(contacts, service)
    service.moods["/kim"] = status, headers
    async with reaching(contacts) as push:
        with pytest.raises(kind) as refused:
            await push.send(due(message(place=kim)))
    assert wait is None or refused.value.retry_after == timedelta(seconds=wait)
    assert service.asked == ["/kim"], "nobody is led elsewhere"
    assert service.url not in str(refused.value)
    assert "kim" not in str(refused.value)
    assert await contacts.of(KIM)


async def test_a_service_that_is_away_or_silent_is_tried_later(service, contacts):
    kim = await subscribed(contacts, service)
    service.moods["/kim"] = asyncio.get_running_loop().create_future()
    async with reaching(contacts, longest=0.2) as push:
        with pytest.raises(Unavailable):
            await push.send(due(message(place=kim)))
        service.browsers["/kim"] = away = evolve(service.browsers["/kim"], endpoint="http://127.0.0.1:1/kim")
        await contacts.put(
            Contact(recipient=KIM, channel=PUSH, address=away.subscription.written(), place=away.subscription.place)
        )
        with pytest.raises(Unavailable) as refused:
            await push.send(due(message(place=away.subscription.place)))
    assert "127.0.0.1" not in str(refused.value)


async def test_nobody_is_led_into_the_house(service, contacts, monkeypatch):
    """Not by an address that was taken before, nor by a name that stands for something else than it did."""
    kim = await subscribed(contacts, service)
    renamed = evolve(service.browser("/lee"), endpoint="https://push.example.com/lee").subscription
    await contacts.put(Contact(recipient=KIM, channel=PUSH, address=renamed.written(), place=renamed.place))
    port, asked = int(service.url.rpartition(":")[2]), []

    def found(host, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    async with reaching(contacts, near=False) as push:
        with pytest.raises(Rejected):
            await push.send(due(message(place=kim)))
        with pytest.raises(Unavailable, match="gaierror"):
            await push.send(due(message(place=renamed.place)))
    assert (asked, service.asked) == (["push.example.com"], [])


@frozen
class _Names:
    """What looks names up, of push services on this machine: those that begin with `slow` when `go` is set."""

    asked: list[str] = field(factory=list)
    slow: set[str] = field(factory=set)
    gone: set[str] = field(factory=set)
    go: threading.Event = field(factory=threading.Event)

    def found(self, host, *_, **__):
        self.asked.append(host)
        if host in self.slow:
            self.go.wait()
        if host in self.gone:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]


@pytest.fixture
def names(monkeypatch):
    names = _Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.found)
    monkeypatch.setattr("adapters.notify.outside.is_public", lambda _: True)
    monkeypatch.setattr("adapters.notify.web_push._checked", lambda to, _: to)
    yield names
    names.go.set()


async def named(contacts, service, name, whose):
    """The place of a browser whose push service, the one on this machine, has this name."""
    endpoint = f"{service.url.replace('127.0.0.1', name)}/{name}"
    service.moods[f"/{name}"] = 204, {}
    to = evolve(service.browser(f"/{name}"), endpoint=endpoint).subscription
    await contacts.put(Contact(recipient=whose, channel=PUSH, address=to.written(), place=to.place))
    return to.place


async def test_who_names_what_is_looked_up_slowly_holds_up_nobody_else(service, contacts, names, monkeypatch):
    """Not even when their pushes have ended before the lookups have."""
    monkeypatch.setattr("adapters.notify.outside.LOOKUPS", 2)
    monkeypatch.setattr("adapters.notify.outside.MOMENT", 0.05)
    lee, ended = await named(contacts, service, "lee.example", LEE), []
    names.slow.update(f"slow{number}.example" for number in range(3))
    async with reaching(contacts, near=False) as push:
        for name in sorted(names.slow):
            there = await named(contacts, service, name, KIM)
            ended.append(await _cut_off(push, there, names))
        await push.send(due(message(place=lee, customer_id=2)))
        assert ended == [asyncio.CancelledError, Full, Full]
        assert (names.asked, service.asked) == (["slow0.example", "lee.example"], ["/lee.example"])
        names.go.set()
        await until(lambda: not push._names._asking)
        await push.send(due(message(place=there)))
        gc.collect()  # an exception and who raised it know each other
        assert len(push._names._slots._slots) == 0, "nothing is kept of those who are served"


async def test_what_a_name_stood_for_is_good_until_it_is_looked_up_anew(service, contacts, names, monkeypatch):
    monkeypatch.setattr("adapters.notify.outside.KNOWN", 0)
    lee = await named(contacts, service, "lee.example", LEE)
    async with reaching(contacts, near=False) as push:
        await push.send(due(message(place=lee, customer_id=2)))
        names.slow.add("lee.example")
        await push.send(due(message(place=lee, customer_id=2)))
        assert service.asked == ["/lee.example"] * 2
        await until(lambda: names.asked == ["lee.example"] * 2)
        names.gone.add("lee.example")
        names.go.set()
        await until(lambda: not push._names._asking)
        with pytest.raises(Unavailable, match="gaierror"):
            await push.send(due(message(place=lee, customer_id=2)))
    assert service.asked == ["/lee.example"] * 2


async def test_however_many_names_are_given_few_are_remembered(service, contacts, names, monkeypatch):
    monkeypatch.setattr("adapters.notify.outside.NAMES", 2)
    async with reaching(contacts, near=False) as push:
        for name in ("a.example", "b.example", "c.example"):
            there = await named(contacts, service, name, LEE)
            for _ in range(2):
                await push.send(due(message(place=there, customer_id=2)))
        assert names.asked == ["a.example", "b.example", "c.example"]
        assert list(push._names._known) == ["b.example", "c.example"]


async def test_a_slow_service_delays_no_other(service, contacts):
    slow = service.moods["/slow"] = asyncio.get_running_loop().create_future()
    there = await subscribed(contacts, service, "/slow")
    kim = await subscribed(contacts, service)
    notifications, beside = MemoryNotifications(memory()), Beside(most=4, moment=0.02)
    async with reaching(contacts) as push:
        deliver = DeliverNotifications(notifications, push, SystemClock(), beside, batch=3)
        for number in range(6):
            of = there if number in (0, 2) else kim
            await notifications.add([message(f"e{number}", of)], NOW, Cause(id=f"e{number}", correlation_id="c"))
        working = asyncio.create_task(_until_none_is_due(deliver))
        await service.until(4)
        assert len(service.told("/kim")) == 4
        slow.set_result((201, {}))
        await service.until(6)
        await working
        await beside.close()
    later = datetime.now(UTC) + timedelta(days=1)
    assert len(service.taken) == 6
    assert await notifications.due(later, PUSH, 10) == []


async def test_who_names_services_that_never_answer_holds_up_nobody_else(service, contacts, monkeypatch):
    monkeypatch.setattr("adapters.notify.web_push.OF_ONE", 2)
    monkeypatch.setattr("adapters.notify.web_push.MOMENT", 0.05)
    slow = service.moods["/slow"] = asyncio.get_running_loop().create_future()
    there, lee = await subscribed(contacts, service, "/slow"), await subscribed(contacts, service, "/lee", LEE)
    async with reaching(contacts) as push:
        under_way = [asyncio.create_task(push.send(due(message(place=there)))) for _ in range(2)]
        await until(lambda: len(service.asked) == 2)
        with pytest.raises(Full):
            await push.send(due(message(place=there)))
        await push.send(due(message(place=lee, customer_id=2)))
        assert service.asked == ["/slow", "/slow", "/lee"]
        slow.set_result((201, {}))
        await asyncio.gather(*under_way)
        await push.send(due(message(place=there)))


async def test_a_browser_whose_service_never_answers_holds_up_no_other_and_costs_nobody_an_attempt(
    service, contacts, monkeypatch
):
    monkeypatch.setattr("adapters.notify.web_push.MOMENT", 0.05)
    slow = service.moods["/slow"] = asyncio.get_running_loop().create_future()
    there, here = await subscribed(contacts, service, "/slow"), await subscribed(contacts, service, "/here")
    notifications, many = MemoryNotifications(memory()), OF_ONE + 1
    await notifications.add([message(f"e{it}", there) for it in range(many)], NOW, Cause(id="e", correlation_id="c"))
    async with reaching(contacts) as push:
        beside = Beside(most=2 * many, moment=0.01)
        await DeliverNotifications(notifications, push, SystemClock(), beside)()
        await push.send(due(message(place=here)))
        await until(lambda: len(beside._going) == OF_PLACE)
        slow.set_result((201, {}))
        await service.until(OF_PLACE + 1)
        await beside.close()
    found = await notifications.sought(Sought(), None, many)
    assert Counter((it.status, it.attempts) for it in found) == {
        (Status.DELIVERED, 1): OF_PLACE,
        (Status.QUEUED, 0): many - OF_PLACE,
    }
    assert len(push._of_place._slots) == len(push._of_one._slots) == 0, "nothing is kept of those who are served"


async def test_both_replicas_push_each_fact_to_each_browser_once(service, tmp_path):
    url = f"sqlite:///{tmp_path}/alarm.sqlite"
    migrate(url, "alarm")
    db = await Database.open(url, "alarm", SystemClock(), RandomIds())
    contacts, paths = SqlContacts(db), [f"/browser/{number}" for number in range(3)]
    for path in paths:
        await subscribed(contacts, service, path)
    composed = SqlNotifications(db)
    elsewhere = {"contacts": contacts, "elsewhere": (PUSH,)}
    compose = ComposeNotifications(composed, SqlTitles(db), SystemClock(), (), "Hello", **elsewhere)
    for id in range(FACTS):
        gone = BookCanceled(id=id + 1, status="CANCELED", reason="r", ticket_id=3, price=1, customer_id=1)
        for consumer in ("alarm", "alarm of before"):
            await compose(Compose(event=gone), Cause(id=f"e{id}", correlation_id="c", consumer=consumer))
    async with reaching(contacts) as push:
        clock, few = SystemClock(), OF_PLACE // 2
        replicas = [DeliverNotifications(SqlNotifications(db), push, clock, concurrently, few) for _ in range(2)]
        await asyncio.gather(*(_until_none_is_due(each) for each in replicas))
    for path in paths:
        assert sorted(it["bookId"] for it in service.told(path)) == list(range(1, FACTS + 1))
    assert await composed.due(datetime.now(UTC) + timedelta(days=1), PUSH, 10**6) == []
    await db.close()


async def test_where_a_browser_is_reached_is_nowhere_but_in_its_place(service, contacts, caplog):
    caplog.set_level(logging.DEBUG)
    notifications, hidden = MemoryNotifications(memory()), []
    for path, mood in (("/a-gone", (410, {})), ("/a-busy", (503, {})), ("/a-fine", (201, {})), ("/a-bad", (400, {}))):
        service.moods[path] = mood
        place = await subscribed(contacts, service, path)
        hidden += [path, service.browsers[path].subscription.p256dh, service.browsers[path].subscription.auth]
        await notifications.add([message(path[3:], place)], NOW, Cause(id=path[3:], correlation_id="c"))
    with capture_logs() as logged:
        async with reaching(contacts) as push:
            await DeliverNotifications(notifications, push, SystemClock(), concurrently)()
            said = [repr(push), caplog.text, repr(logged), repr(await contacts.of(KIM))]
    for id in range(1, 5):
        await notifications.change(NotificationId(id), lambda it: said.append(repr(it)) or it)
    assert len(said) == 8
    assert [it for it in [*hidden, service.url] if it in "".join(said)] == []


async def _cut_off(push, place, names):
    """How a push ended that was given up while a name was looked up for it, or before."""
    asked = len(names.asked)
    sending = asyncio.create_task(push.send(due(message(place=place))))
    await until(lambda: sending.done() or len(names.asked) > asked)
    sending.cancel()
    return type(*await asyncio.gather(sending, return_exceptions=True))


async def _until_none_is_due(deliver):
    while await deliver():
        pass
