"""E-mail against a real SMTP server in a process of its own: what arrives, refusals, TLS, signing in, and its death."""

import asyncio
import json
import signal
import socket
import ssl
import sys
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from attrs import evolve
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.memory import MemoryContacts, MemoryDatabase, MemoryNotifications, MemoryTitles
from adapters.notify import email as mailing
from adapters.notify import lines
from adapters.notify.email import OF_ONE, Email, message_id
from adapters.notify.lines import MOST, Lines
from adapters.system import RandomIds, SystemClock, concurrently
from apps.reaching import FEW, MAILING, reach
from apps.settings import Settings
from myticket_core.access import Scope
from myticket_core.conformance import channel
from myticket_core.errors import InDoubt, Invalid, Rejected, Unavailable
from myticket_core.messages import Cause
from myticket_core.notification.confirming import confirmation, to_be_sent
from myticket_core.notification.contact import Contact, Pending, mailbox
from myticket_core.notification.deliver import IN_HAND, DeliverNotifications
from myticket_core.notification.digest import GatherDigests
from myticket_core.notification.model import EMAIL, LONGEST_WAIT, Message, Notification, NotificationId, Status
from myticket_core.notification.ports import Full, Sought
from myticket_core.notification.resend import ResendNotifications
from myticket_core.notification.title import Title
from tests.architecture.tree import ROOT
from tests.case import Case
from tests.services.smtp_server import SLOW

SENDER = "tickets@example.com"
NOW = datetime(2026, 11, 22, 16, 9, tzinfo=UTC)


class Server:
    """The port stays the same over a restart."""

    def __init__(self, folder, *secure):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.file, self.secure = folder / "mails", secure

    async def start(self):
        command = (sys.executable, "-m", "tests.services.smtp_server", str(self.port), str(self.file), *self.secure)
        self.process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        assert await self.process.stdout.readline(), "it did not start"

    async def kill(self):
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    @property
    def taken(self):
        """A line that is being written, or was when the process died, does not count: it was not answered either."""
        *whole, _ = self.file.read_text().split("\n")
        return [json.loads(line) for line in whole]


@asynccontextmanager
async def serving(folder, *secure):
    server = Server(folder, *secure)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@asynccontextmanager
async def reaching(url, contacts, trusted=None):
    lines = Lines(url, SENDER, trusted)
    try:
        yield Email(lines, SENDER, contacts)
    finally:
        await lines.close()


async def contacts_of(*addresses, store=None):
    contacts = store or MemoryContacts(MemoryDatabase(SystemClock(), RandomIds()))
    for number, address in enumerate(addresses, 1):
        await contacts.put(Contact(recipient=Scope(customer_id=number), channel=EMAIL, address=address))
    return contacts


async def slow_ones(many):
    return await contacts_of(*[f"slow-{number}@example.com" for number in range(many)])


def message(event="e1", customer=1):
    text = "예매 / Booked\n\nHello <예매> 1\n\nHello booking & 1"
    said = {"event_id": event, "event": "Booked", "channel": EMAIL, "text": text, "correlation_id": "c"}
    return Message(**said, customer_id=customer)


def told(event="e1", customer=1):
    return Notification(id=NotificationId(1), message=message(event, customer), created_at=NOW, due_at=NOW)


class TestEmail(channel.ChannelConformance, Case):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path):
        self.tmp_path = tmp_path

    async def new(self) -> Email:
        server = Server(self.tmp_path)
        await server.start()
        self.addAsyncCleanup(server.kill)
        contacts = await contacts_of("kim@example.com")
        await contacts.put(Contact(recipient=Scope(company_id=1), channel=EMAIL, address="hall@example.com"))
        lines = Lines(f"smtp://127.0.0.1:{server.port}", SENDER)
        self.addAsyncCleanup(lines.close)
        return Email(lines, SENDER, contacts)


async def test_what_arrives(tmp_path):
    async with serving(tmp_path) as server:
        contacts = await contacts_of("kim@example.com", "lee@example.com")
        async with reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
            for notification in (told(), told(), told("e2"), told(customer=2)):
                await email.send(notification)
        mail, again, *others = server.taken
        assert (mail["to"], mail["sender"], mail["subject"]) == (["kim@example.com"], SENDER, "예매 / Booked")
        assert mail["parts"]["text/plain"].split() == "Hello <예매> 1 Hello booking & 1".split()
        assert '<p lang="ko">Hello &lt;예매&gt; 1</p>' in mail["parts"]["text/html"]
        assert '<p lang="en">Hello booking &amp; 1</p>' in mail["parts"]["text/html"]
        assert mail["from"] == "example.com", "a name with a dot, wherever alarm runs"
        assert again["id"] == mail["id"]
        assert len({it["id"] for it in (mail, *others)}) == 3
        assert {it["peer"] for it in (again, *others)} == {mail["peer"]}, "one connection, used again"


async def test_nothing_but_the_code_goes_where_it_is_not_confirmed_yet(tmp_path):
    asked = Contact(
        recipient=Scope(customer_id=1), channel=EMAIL, address="kim@example.com", pending=Pending("c0de", NOW)
    )
    contacts = await contacts_of()
    await contacts.put(asked)
    mail = evolve(told(), message=confirmation(asked, NOW, "c", "Hello", "https://tickets.example/web/contacts"))
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        await email.send(mail)
        with pytest.raises(Rejected, match="not to be reached"):
            await email.send(told())
        await contacts.put(evolve(asked, pending=None))
        with pytest.raises(Rejected, match="not to be reached"):
            await email.send(mail)
        await email.send(told())
        asks, tells = server.taken
        assert (asks["subject"], tells["subject"]) == (
            "이메일 주소를 확인해 주세요 / Confirm your e-mail address",
            "예매 / Booked",
        )
        assert "https://tickets.example/web/contacts?code=c0de" in asks["parts"]["text/html"]


def html_of(message, text):
    letter = mailing.letter_of(evolve(told(), message=message), SENDER, "kim@example.com", text)
    return letter.get_body(("html",)).get_content()


def test_the_address_that_confirms_can_be_clicked_on_in_both_languages():
    asked = Contact(
        recipient=Scope(customer_id=1), channel=EMAIL, address="kim@example.com", pending=Pending("c0de", NOW)
    )
    mail = confirmation(asked, NOW, "c", "Hello", "https://tickets.example/a&b/contacts")
    said = "https://tickets.example/a&amp;b/contacts?code=c0de"
    assert html_of(mail, to_be_sent(mail, asked)).count(f': <a href="{said}">{said}</a> (') == 2
    alone = confirmation(asked, NOW, "c", "Hello", None)
    assert "<a" not in html_of(alone, to_be_sent(alone, asked))


def test_what_an_organizer_calls_a_ticket_is_no_link_whatever_it_looks_like():
    name = "https://phishing.example/web/contacts?code=c0de"
    html = html_of(message(), f"예매 / Booked\n\nHello '{name}' 티켓(1번)\n\nHello \"{name}\" (ticket 1)")
    assert html.count(name) == 2
    assert "<a" not in html


async def test_a_few_connections_at_most(tmp_path):
    async with serving(tmp_path) as server:
        buyers = await contacts_of(*[f"kim-{number}@example.com" for number in range(40)])
        async with reaching(f"smtp://127.0.0.1:{server.port}", buyers) as email:
            await asyncio.gather(*(email.send(told(customer=number)) for number in range(1, 41)))
        assert len(server.taken) == 40
        assert 1 < len({it["peer"] for it in server.taken}) <= MOST


async def test_who_waits_for_a_connection_has_as_long_as_who_has_one(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 4 * SLOW)
    async with serving(tmp_path) as server:
        async with reaching(f"smtp://127.0.0.1:{server.port}", await slow_ones(5 * MOST)) as email:
            await asyncio.gather(*(email.send(told(customer=number)) for number in range(1, 5 * MOST + 1)))
        assert len({it["id"] for it in server.taken}) == len(server.taken) == 5 * MOST


async def test_who_finds_no_connection_free_has_not_been_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "WAIT", SLOW / 10)
    async with serving(tmp_path) as server:
        async with reaching(f"smtp://127.0.0.1:{server.port}", await slow_ones(MOST + 1)) as email:
            sending = (email.send(told(customer=number)) for number in range(1, MOST + 2))
            outcomes = await asyncio.gather(*sending, return_exceptions=True)
        assert [type(it) for it in outcomes if it] == [Full]
        assert len(server.taken) == MOST


async def test_one_for_whom_the_server_takes_long_holds_up_nobody_elses(tmp_path, monkeypatch):
    monkeypatch.setattr(mailing, "MOMENT", SLOW / 10)
    contacts = await contacts_of("slow-kim@example.com", "lee@example.com")
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        slow = [asyncio.create_task(email.send(told(f"e{number}"))) for number in range(2 * MOST)]
        await asyncio.sleep(0)
        await email.send(told(customer=2))
        assert [it["to"] for it in server.taken] == [["lee@example.com"]]
        outcomes = await asyncio.gather(*slow, return_exceptions=True)
        assert [type(it) for it in outcomes if it] == [Full] * (2 * MOST - OF_ONE)


async def test_a_server_may_take_ten_minutes_over_a_mail_and_what_it_does_not_answer_may_have_arrived(
    tmp_path, monkeypatch
):
    """RFC 5321, 4.5.3.2.6."""
    assert lines.ANSWER >= 600
    assert timedelta(seconds=lines.WAIT + lines.LONGEST) < MAILING
    monkeypatch.setattr(lines, "ANSWER", SLOW / 2)
    contacts = await contacts_of("slow-kim@example.com")
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        with pytest.raises(InDoubt) as doubt:
            await email.send(told())
    assert "example.com" not in str(doubt.value)


async def test_a_server_that_does_not_answer_holds_up_nothing_but_its_mails(tmp_path):
    assert FEW > MOST, "else all that may be under way could wait for ten minutes"
    asked, answering = asyncio.Event(), asyncio.Event()

    async def silent(_, writer):
        asked.set()
        await answering.wait()
        writer.close()

    notifications = MemoryNotifications(MemoryDatabase(SystemClock(), RandomIds()))
    await notifications.add([message()], NOW, Cause(id="e1", correlation_id="c"))
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server, AsyncExitStack() as closing:
        url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        (way,) = reach(Settings(data=tmp_path, smtp_url=url), await contacts_of("kim@example.com"), closing).ways
        deliver = DeliverNotifications(notifications, way.channel, SystemClock(), way.together, in_hand=way.in_hand)
        assert (await deliver(), await deliver()) == (1, 0)
        await asked.wait()
        (waits,) = await notifications.sought(Sought(), None, 1)
        assert (waits.attempts, waits.due_at - datetime.now(UTC) > IN_HAND) == (0, True), "it is still in hand"
        answering.set()


async def hangs(reader, asked):
    asked.release()
    await reader.read()


async def takes_a_mail_and_hangs(reader, writer, asked):
    writer.write(b"220 at your service\r\n")
    while await reader.readline() != b"DATA\r\n":
        writer.write(b"250 fine\r\n")
    writer.write(b"354 go on\r\n")
    await reader.readuntil(b"\r\n.\r\n")
    await hangs(reader, asked)


@pytest.mark.parametrize("begun", [False, True], ids=["nothing was handed over", "a mail may have arrived"])
async def test_an_end_in_good_order_puts_back_what_was_not_being_handed_over(tmp_path, begun):
    asked = asyncio.Semaphore(0)

    async def serve(reader, writer):
        with closing(writer):
            await (takes_a_mail_and_hangs(reader, writer, asked) if begun else hangs(reader, asked))

    many = range(1, FEW + 1)
    notifications = MemoryNotifications(MemoryDatabase(SystemClock(), RandomIds()))
    await notifications.add(
        [message(f"e{it}", it) for it in many], datetime.now(UTC), Cause(id="e", correlation_id="c")
    )
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, AsyncExitStack() as ends:
        url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        contacts = await contacts_of(*[f"kim-{it}@example.com" for it in many])
        (way,) = reach(Settings(data=tmp_path, smtp_url=url), contacts, ends).ways
        deliver = DeliverNotifications(notifications, way.channel, SystemClock(), way.together, in_hand=way.in_hand)
        step = asyncio.create_task(deliver())
        for _ in range(MOST):
            await asked.acquire()
        await way.together.close(within=0)
        assert await step == FEW
        left = await notifications.sought(Sought(), None, FEW)
        assert {(it.status, it.attempts) for it in left} == {(Status.QUEUED, 0)}
        in_hand = [it for it in left if it.due_at - datetime.now(UTC) > IN_HAND]
        assert len(in_hand) == (MOST if begun else 0)


async def test_who_is_refused_and_what_is_never_said(tmp_path):
    contacts = await contacts_of("no-one@example.com", "later-on@example.com", "kim@example.com")
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        for customer, kind in ((1, Rejected), (2, Unavailable), (4, Rejected)):
            with pytest.raises(kind) as refused:
                await email.send(told(customer=customer))
            assert "example.com" not in str(refused.value)
        await email.send(told(customer=3))
        assert [it["to"] for it in server.taken] == [["kim@example.com"]]
        await server.kill()
        with pytest.raises(Unavailable):
            await email.send(told(customer=3))
        await server.start()
        await email.send(told("e2", customer=3))


@pytest.mark.parametrize(
    "address", ["=?utf-8?q?victim=40example.com=2C?=@mail.example", "=?utf-8?q?a=0D=0AX?=@mail.example"]
)
async def test_an_address_that_is_another_one_in_a_mail_is_not_taken_and_nothing_is_sent_there(tmp_path, address):
    """Nor where it was taken before."""
    with pytest.raises(Invalid):
        mailbox(address)
    contacts = await contacts_of(address)
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        with pytest.raises(Rejected) as refused:
            await email.send(told())
        assert address not in str(refused.value)
        assert server.taken == []


@pytest.mark.parametrize("said_to", ["rcpt", "data"])
async def test_what_is_about_us_is_tried_again_and_loses_no_mail(tmp_path, said_to):
    contacts = await contacts_of(f"{said_to}-kim@example.com")
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        for answer, kind in (
            ("554 5.7.1 <x@example.com>: Relay access denied", Unavailable),
            ("530 5.7.0 Authentication required", Unavailable),
            ("530 Authentication required", Unavailable),
            ("550 5.4.5 Daily user sending quota exceeded", Unavailable),
            ("504 5.5.2 <pod>: Helo command rejected: need fully-qualified hostname", Unavailable),
            ("550 5.1.8 <tickets@example.com>: Sender address rejected: Domain not found", Unavailable),
            ("550 5.1.1 <x@example.com>: no such user, see https://example.com/5.7.1", Rejected),
            ("550 5.5.0 Requested action not taken: mailbox unavailable", Rejected),
            ("501 5.1.3 Bad recipient address syntax", Rejected),
            ("552 5.2.2 The mailbox is full", Rejected),
            ("554 No", Rejected),
        ):
            server.file.with_name(f"{server.file.name}.answer").write_text(answer)
            with pytest.raises(kind) as refused:
                await email.send(told())
            assert "example.com" not in str(refused.value)
            assert kind is Rejected or refused.value.retry_after == LONGEST_WAIT


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail of a test")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    now = datetime.now(UTC)
    made = made.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = made.add_extension(address, False).add_extension(x509.BasicConstraints(True, 0), True)
    (folder / "cert").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key").write_bytes(key.private_bytes(*form))
    return str(folder / "cert"), str(folder / "key")


async def test_tls_is_verified_and_one_signs_in(tmp_path, certificate):
    trusted, contacts = ssl.create_default_context(cafile=certificate[0]), await contacts_of("kim@example.com")
    async with serving(tmp_path, *certificate) as server:
        good = f"smtp://kim:p%3Ass@127.0.0.1:{server.port}?starttls"
        wrong = ((good, None), (good.replace("p%3Ass", "guess"), trusted))
        for url, authorities in wrong:
            async with reaching(url, contacts, authorities) as email:
                with pytest.raises(Unavailable) as refused:
                    await email.send(told())
                assert "guess" not in str(refused.value)
        assert server.taken == []
        async with reaching(good, contacts, trusted) as email:
            await email.send(told())
        assert [it["secure"] for it in server.taken] == [True]


async def test_what_was_given_up_is_sent_again_as_the_same_mail(tmp_path):
    contacts = await contacts_of("no-one@example.com")
    notifications = MemoryNotifications(MemoryDatabase(SystemClock(), RandomIds()))
    await notifications.add([message()], NOW, Cause(id="e1", correlation_id="c"))
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        deliver = DeliverNotifications(notifications, email, SystemClock(), concurrently)
        resend = ResendNotifications(notifications, SystemClock(), concurrently, frozenset())
        assert (await deliver(), await deliver(), await resend.given_up(EMAIL, NOW)) == (1, 0, 1)
        await contacts_of("kim@example.com", store=contacts)
        assert await deliver() == 1
        (mail,) = server.taken
        assert (mail["to"], mail["id"]) == (["kim@example.com"], message_id(message(), SENDER))


async def test_many_bookings_of_an_organizer_arrive_as_one_mail(tmp_path):
    contacts = await contacts_of()
    await contacts.put(Contact(recipient=Scope(company_id=7), channel=EMAIL, address="hall@example.com"))
    store = MemoryDatabase(SystemClock(), RandomIds())
    notifications, titles = MemoryNotifications(store), MemoryTitles(store)
    await titles.learn(Title(3, "Jazz\n& <Night>", 1))
    booked = [evolve(message(f"e{number}", None), company_id=7, ticket_id=3) for number in range(21)]
    await notifications.add(booked, NOW, Cause(id="e1", correlation_id="c"))
    async with serving(tmp_path) as server, reaching(f"smtp://127.0.0.1:{server.port}", contacts) as email:
        digests = GatherDigests(notifications, titles)
        deliver = DeliverNotifications(notifications, email, SystemClock(), concurrently, 8, digests)
        assert (await deliver(), await deliver(), await deliver()) == (8, 1, 0)
        (mail,) = server.taken
        assert (mail["to"], mail["subject"]) == (["hall@example.com"], "새 예매 21건 / 21 new bookings")
        assert "by ticket: 21 of &quot;Jazz &amp; &lt;Night&gt;&quot; (ticket 3).</p>" in mail["parts"]["text/html"]
