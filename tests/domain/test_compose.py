"""Who is told what, in both languages; and what becomes of a notification."""

import re
from datetime import timedelta
from itertools import product
from types import MappingProxyType

import pytest
from attrs import evolve

from adapters.memory import MemoryDatabase, MemoryTitles
from adapters.system import RandomIds
from myticket_core.access import Scope
from myticket_core.booking.campaign import REASON
from myticket_core.booking.cancel import BY_BUYER, BY_OPERATOR
from myticket_core.booking.events import BookCanceled, Booked, PaymentDue, WaitingEnded
from myticket_core.booking.waiting import SALE_OVER
from myticket_core.errors import NotFound
from myticket_core.money import KRW, Currency
from myticket_core.notification import facts, reasons
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.contact import Contact, Pending
from myticket_core.notification.letter import BETWEEN, LANGUAGES, SUBJECTS
from myticket_core.notification.model import EMAIL, GIVE_UP_AFTER, PUSH, Message, Notification, NotificationId, Status
from myticket_core.notification.policies import WHENEVER
from myticket_core.notification.templates import TEMPLATES
from myticket_core.notification.title import LONGEST, Title
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.payment.policies import WHENEVER as REFUNDING
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from tests.domain.examples import CAUSE, NOON, booking

MONTH = timedelta(days=30)
OF_BOOKING = {"ticket_id": 3, "price": 1500, "company_id": 7, "customer_id": 6}
OF_PAYMENT = {"id": 2, "book_id": 5, **OF_BOOKING}
FREE = {"price": 0}
UNTIL = 1_795_348_800_000
OF_FREE = [
    (TicketRegistered(id=3, price=0, company_id=7), ["company 7: 티켓 3 등록 (무료) registered (free)"]),
    (TicketChanged(id=3, price=0, company_id=7), ["company 7: 티켓 3 변경 (무료) changed (free)"]),
    (Booked(id=5, **OF_BOOKING | FREE), ["company 7: 티켓 3 예매 5 (무료) new booking (free)"]),
    (PaymentApproved(**OF_PAYMENT | FREE), ["customer 6: 예매 5 무료라 없습니다 Booking 5 made nothing to pay"]),
    (
        PaymentDue(id=5, status="PENDING", expires_at=UNTIL, **OF_BOOKING | FREE),
        ["customer 6: 예매 5 무료이니 2026-11-22 21:00:00 (KST)까지 can be confirmed for free kept"],
    ),
    (
        PaymentDue(id=5, status="PENDING", expires_at=UNTIL, occasion="WAITED", **OF_BOOKING | FREE),
        ["customer 6: 티켓 3 예매 5 자리가 무료이니 2026-11-22 21:00:00 (KST)까지 you waited for confirm for free"],
    ),
    (
        BookCanceled(id=5, status="EXPIRED", reason="late", **OF_BOOKING | FREE),
        ["customer 6: 예매 5 반환 not confirmed in time"],
    ),
    (
        PaymentCanceled(reason="gone", version=2, refunded=0, **OF_PAYMENT | FREE),
        ["customer 6: 예매 5 취소 (gone) 무료라 over nothing to refund"],
    ),
    (
        PaymentCanceled(reason="gone", version=1, refunded=0, **OF_PAYMENT | FREE),
        ["customer 6: 예매 5 취소 (gone) 무료라 over nothing to refund"],
    ),
]
SAID = [
    (TicketRegistered(id=3, price=9, company_id=7), ["company 7: 티켓 3 등록 registered 9"]),
    (TicketChanged(id=3, price=9, company_id=7), ["company 7: 티켓 3 변경 changed 9"]),
    (TicketDeleted(id=3, price=9, company_id=7), ["company 7: 티켓 3 삭제 deleted"]),
    (Booked(id=5, **OF_BOOKING), ["company 7: 티켓 3 예매 5 new booking ₩1,500"]),
    (
        BookCanceled(id=5, status="CANCELED", reason="gone", **OF_BOOKING),
        ["customer 6: 예매 5 취소 canceled gone", "company 7: 티켓 3 예매 5 취소 canceled"],
    ),
    (
        BookCanceled(id=5, status="CANCELED", reason="gone", payment_id=2, refund=1350, **OF_BOOKING),
        ["customer 6: 예매 5 취소 canceled gone", "company 7: 티켓 3 예매 5 취소 canceled"],
    ),
    (
        BookCanceled(id=5, status="CANCELED", reason="gone", refund=1500, **OF_BOOKING),
        ["customer 6: 예매 5 취소 canceled gone"],
    ),
    (BookCanceled(id=5, status="EXPIRED", reason="late", **OF_BOOKING), ["customer 6: 예매 5 반환 not paid in time"]),
    (BookCanceled(id=5, status="DECLINED", reason="poor", **OF_BOOKING), ["customer 6: 예매 5 거절 declined poor"]),
    (
        PaymentDue(id=5, status="PENDING", expires_at=1_795_348_800_000, **OF_BOOKING),
        ["customer 6: 예매 5 결제 ₩1,500 지금 2026-11-22 21:00:00 (KST)까지 can be paid now"],
    ),
    (
        PaymentDue(id=5, status="PENDING", expires_at=1_795_348_800_000, occasion="WAITED", **OF_BOOKING),
        ["customer 6: 티켓 3 예매 5 ₩1,500 자리가 2026-11-22 21:00:00 (KST)까지 you waited for is free kept"],
    ),
    (
        WaitingEnded(id=2, ticket_id=3, company_id=7, customer_id=6, reason="gone"),
        ["customer 6: 기다리시던 티켓 3 판매되지 Ticket 3 no seat gone"],
    ),
    (PaymentApproved(**OF_PAYMENT), ["customer 6: 예매 5 결제 ₩1,500 완료 is paid"]),
    (PaymentCanceled(reason="gone", **OF_PAYMENT), ["customer 6: 예매 5 결제 ₩1,500 환불 refunded gone"]),
    (
        PaymentCanceled(reason="gone", version=2, refunded=1500, **OF_PAYMENT),
        ["customer 6: 예매 5 결제 ₩1,500 취소되어 refunded gone"],
    ),
    (
        PaymentCanceled(reason="gone", version=2, refunded=1350, **OF_PAYMENT),
        ["customer 6: 예매 5 결제 ₩1,500 ₩1,350 수수료 fee gone"],
    ),
    (
        PaymentCanceled(reason="gone", version=2, refunded=0, **OF_PAYMENT),
        ["customer 6: 예매 5 취소 (gone) 수수료가 ₩1,500 환불할 없습니다 Booking 5 canceled nothing to refund"],
    ),
    (
        PaymentCanceled(reason="the hold ended", version=1, refunded=1500, **OF_PAYMENT),
        ["customer 6: 예매 5 끝난 ₩1,500 arrived over refunded hold ended"],
    ),
    (
        RefundFailed(reason="no account", amount=1350, **OF_PAYMENT),
        ["customer 6: 예매 5 환불 ₩1,350 looked into no account", "company 7: 티켓 3 예매 5 ₩1,350 failed"],
    ),
]


class Kept:
    def __init__(self):
        self.calls = []

    async def add(self, messages, now, cause, shown=()):
        self.calls.append((messages, now, cause))


class Titles:
    def __init__(self, names=MappingProxyType({})):
        self.names, self.learned = names, []

    async def learn(self, title):
        self.learned.append(title)

    async def of(self, tickets):
        return {id: self.names[id] for id in tickets if id in self.names}


class Noon:
    def now(self):
        return NOON


async def test_what_is_shown_is_said_when_it_is_stored():
    class Store(Kept):
        async def add(self, messages, now, cause, shown=()):
            self.calls.append(shown)

    kept = Store()
    compose = ComposeNotifications(kept, Titles(), Noon(), ("mail", "in-app"), shown=frozenset({"in-app"}))
    await compose(Compose(event=SAID[0][0]), CAUSE)
    assert kept.calls == [{"in-app"}]


async def composed(event, channels=("in-app",), prefix="Hello", names=MappingProxyType({})):
    kept = Kept()
    await ComposeNotifications(kept, Titles(names), Noon(), channels, prefix)(Compose(event=event), CAUSE)
    return kept.calls


def test_everything_people_want_to_hear_of_has_words():
    assert {kind.__name__ for kind in WHENEVER} | {
        "HoldCanceled",
        "BookExpired",
        "BookDeclined",
        "RefundedInPart",
        "NothingRefunded",
        "LateMoney",
        "SeatOffered",
        *facts.OF_FREE.values(),
    } == TEMPLATES.keys()
    assert facts.OF_FREE.keys() <= TEMPLATES.keys()
    assert {type(event) for event, _ in SAID} == WHENEVER.keys()


@pytest.mark.parametrize("event, _", OF_FREE)
async def test_of_what_is_free_nobody_is_told_of_a_payment(event, _):
    ((messages, _, _),) = await composed(event)
    assert [it.text for it in messages if re.search("₩|결제\\(|환불되|is paid|refunded", it.text)] == []


@pytest.mark.parametrize("event, expected", SAID + OF_FREE)
async def test_who_is_told_in_which_words(event, expected):
    ((messages, now, cause),) = await composed(event)
    assert (now, cause, len(messages)) == (NOON, CAUSE, len(expected))
    for message, wanted in zip(messages, expected, strict=True):
        recipient, _, words = wanted.partition(": ")
        assert recipient in (f"customer {message.customer_id}", f"company {message.company_id}")
        assert [word for word in words.split() if word not in message.text] == []
        assert message.text.startswith("Hello ")
        assert " / " in message.text
        assert "{" not in message.text
        assert "None" not in message.text
        assert (message.event_id, message.event, message.correlation_id) == ("cause", type(event).__name__, "case")
        assert None in (message.customer_id, message.company_id)


def test_no_message_leaves_it_to_the_reader_which_particle_is_right():
    words = [template.words for templates in TEMPLATES.values() for template in templates]
    assert [said for said in words if re.search(r"\((가|를|는|으)\)", said)] == []


@pytest.mark.parametrize("kind", WHENEVER)
async def test_the_originals_say_too_little_to_tell_anybody(kind):
    assert await composed(kind(id=1)) == []


async def test_what_an_event_does_not_say_is_a_dash():
    ((messages, _, _),) = await composed(PaymentCanceled(id=2, customer_id=6))
    assert "–" in messages[0].text


async def test_why_is_said_in_the_language_of_the_message():
    gone = BookCanceled(id=5, status="CANCELED", reason=BY_BUYER, customer_id=6)
    ((here, mail),) = [messages for messages, _, _ in await composed(gone, ("in-app", EMAIL))]
    korean, english = "예매 5번이 취소되었습니다: 구매자가 취소함.", "Booking 5 is canceled: canceled by the buyer."
    assert here.text == f"Hello {korean} / {english}"
    assert mail.text == f"예매 취소 / Booking canceled\n\nHello {korean}\n\nHello {english}"


def test_every_reason_of_the_core_is_known_in_korean_and_others_stay():
    (expired,) = booking().expired()[1]
    untold = REFUNDING[BookCanceled](BookCanceled(id=5))
    mine = {BY_BUYER, BY_OPERATOR, REASON, SALE_OVER, expired.reason, untold.reason}
    assert mine <= reasons.KOREAN.keys()
    assert [reasons.said("no such card", language) for language in LANGUAGES] == ["no such card"] * 2


@pytest.mark.parametrize(
    "currency, said",
    [(KRW, "₩1,500"), (Currency("USD", 2), "$15.00"), (Currency("KWD", 3), "KWD 1.500")],
)
async def test_money_is_said_in_the_currency_of_the_prices(currency, said):
    kept = Kept()
    compose = ComposeNotifications(kept, Titles(), Noon(), ("in-app",), currency=currency)
    await compose(Compose(event=PaymentApproved(**OF_PAYMENT)), CAUSE)
    assert kept.calls[0][0][0].text == (
        f"Hello 티켓 3번 예매 5번의 결제({said})가 완료되었습니다. / Booking 5 of ticket 3 is paid: {said}."
    )


NAMES = MappingProxyType({3: "Jazz Night"})


@pytest.mark.parametrize("event, expected", SAID + OF_FREE)
async def test_every_message_says_what_the_event_is_called_by_its_name_and_its_number(event, expected):
    ((messages, _, _),) = await composed(event, ("in-app", EMAIL), names=NAMES)
    assert len(messages) == 2 * len(expected)
    for message in messages:
        assert message.text.count("'Jazz Night' 티켓(3번)") == 1
        assert message.text.count('"Jazz Night" (ticket 3)') == 1
    assert [it.text.partition("\n\n")[0] for it in messages if it.channel == EMAIL and "Jazz" in it.text] == [
        SUBJECTS[facts.come_to(event)] for _ in expected
    ], "a subject is ours alone"


@pytest.mark.parametrize("event, expected", SAID + OF_FREE)
async def test_where_the_name_is_not_known_it_is_the_number(event, expected):
    ((messages, _, _),) = await composed(event, names={4: "Another"})
    assert [("티켓 3번" in it.text, "ticket 3" in it.text.lower(), "Another" in it.text) for it in messages] == [
        (True, True, False) for _ in expected
    ]


async def test_a_sentence_begins_with_a_capital_or_with_the_name():
    event = Booked(id=5, **OF_BOOKING)
    said = [(await composed(event, names=names))[0][0][0].text for names in ({}, {3: "jazz"})]
    assert said == [
        "Hello 티켓 3번에 새 예매 5번이 들어왔습니다 (₩1,500). / Ticket 3 has a new booking 5 (₩1,500).",
        "Hello 'jazz' 티켓(3번)에 새 예매 5번이 들어왔습니다 (₩1,500). / "
        '"jazz" (ticket 3) has a new booking 5 (₩1,500).',
    ]


@pytest.mark.parametrize("kind", [TicketRegistered, TicketChanged, TicketDeleted])
async def test_what_a_ticket_is_called_is_learned_also_of_what_nobody_is_told_of(kind):
    titles, since, kept = Titles(), NOON, Kept()
    compose = ComposeNotifications(kept, titles, Noon(), ("in-app",), since=since)
    await compose(Compose(event=kind(id=3, version=2, name="Jazz", company_id=7)), evolve(CAUSE, at=NOON - MONTH))
    assert (titles.learned, kept.calls) == ([Title(3, "Jazz", 2)], [])


async def test_what_is_learned_is_said_already():
    store = MemoryTitles(MemoryDatabase(Noon(), RandomIds()))
    kept = Kept()
    compose = ComposeNotifications(kept, store, Noon(), ("in-app",))
    for version, name in enumerate(("Jazz", "Jazz & Blues", None), 1):
        await compose(Compose(event=TicketChanged(id=3, version=version, name=name, price=1, company_id=7)), CAUSE)
    assert [message.text.partition(" / ")[2] for (message,), _, _ in kept.calls] == [
        '"Jazz" (ticket 3) is changed (₩1).',
        '"Jazz & Blues" (ticket 3) is changed (₩1).',
        "Ticket 3 is changed (₩1).",
    ]


@pytest.mark.parametrize(
    "said",
    [TicketRegistered(id=3), TicketChanged(id=3), TicketDeleted(id=3), TicketDeleted(id=3, version=2)],
)
def test_who_says_nothing_of_a_name_takes_none_away(said):
    """An original, or who deletes."""
    assert Title.of(said) is None


def test_a_name_that_was_taken_away_is_none():
    assert Title.of(TicketChanged(id=3, version=2)) == Title(3, None, 2)


@pytest.mark.parametrize(
    "before, after, stands",
    [(None, 1, 1), (1, 2, 2), (2, 1, 2), (0, 0, "the later"), (1, 0, 1)],
)
def test_the_greater_version_of_a_name_stands(before, after, stands):
    first, later = None if before is None else Title(3, "first", before), Title(3, "later", after)
    assert later.heard_after(first) == (later if stands in (after, "the later") else first)


@pytest.mark.parametrize(
    "typed, shown",
    [
        ("Jazz\r\nBcc: kim@example.com", "Jazz Bcc: kim@example.com"),
        ("  a\u2028b\t\0c\u202ed\x1b[31m\u00a0 ", "a b c d [31m"),
        ("가족 👨\u200d👩\u200d👧", "가족 👨\u200d👩\u200d👧"),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…"),
        ("x" * (LONGEST - 2) + " " + "y" * 10**6, "x" * (LONGEST - 2) + "…"),
        (" \n\u200b", None),
        ("", None),
    ],
)
def test_a_name_is_one_line_and_not_long(typed, shown):
    title = Title(3, typed, 1)
    assert title.name == shown
    assert evolve(title) == title, "as it is read again"


@pytest.mark.parametrize("name", ["on / off", "{id}", "{", "%s", "a \\ b", "/ x /"])
async def test_whatever_a_name_holds_is_said_as_it_is_and_parts_no_languages(name):
    ((here, mail),) = [
        told for told, _, _ in await composed(TicketDeleted(id=3, company_id=7), ("in-app", EMAIL), names={3: name})
    ]
    korean, english = here.text.split(BETWEEN)
    assert korean == f"Hello '{name.replace(' / ', '/')}' 티켓(3번)이 삭제되었습니다."
    assert english == f'"{name.replace(" / ", "/")}" (ticket 3) is deleted.'
    _, korean, english = mail.text.split("\n\n")
    assert english == f'Hello "{name}" (ticket 3) is deleted.'
    assert f"'{name}' 티켓(3번)이" in korean


async def test_nobody_is_asked_for_a_name_where_nobody_is_told():
    await ComposeNotifications(Kept(), None, Noon(), ("in-app",))(Compose(event=Booked(id=5, ticket_id=3)), CAUSE)


def test_no_currency_stands_in_the_words_themselves():
    words = [template.words for templates in TEMPLATES.values() for template in templates]
    assert [text for text in words if "KRW" in text or "₩" in text or "}원" in text] == []


async def test_one_message_per_channel_and_the_prefix_of_the_setting():
    ((messages, _, _),) = await composed(Booked(id=5, **OF_BOOKING), ("in-app", "pager"), "안녕")
    assert [message.channel for message in messages] == ["in-app", "pager"]
    assert all(message.text.startswith("안녕 ") for message in messages)


@pytest.mark.parametrize("prefix", ["안녕 / Hello", "안녕  /  Hello", "Hello /", "/ Hello", " / / ", " / "])
async def test_whatever_the_prefix_is_the_languages_can_be_taken_apart(prefix):
    (((message,), _, _),) = await composed(TicketDeleted(id=3, company_id=7), prefix=prefix)
    korean, english = message.text.split(BETWEEN)
    assert korean.endswith("티켓 3번이 삭제되었습니다.")
    assert english == "Ticket 3 is deleted."


class Reached:
    """Customer 6 alone has contacts."""

    def __init__(self, *contacts):
        self.contacts = contacts

    async def of(self, recipient):
        return [contact for contact in self.contacts if contact.recipient == recipient]


def reached(channel, wanted=True):
    return Contact(recipient=Scope(customer_id=6), channel=channel, address="kim@example.com", wanted=wanted)


@pytest.mark.parametrize(
    "contacts, channels",
    [
        ((), ["in-app"]),
        ((reached(EMAIL, wanted=False),), ["in-app"]),
        ((evolve(reached(EMAIL), pending=Pending("code", NOON)),), ["in-app"]),
        ((reached("pigeon"),), ["in-app"]),
        ((reached(EMAIL),), ["in-app", EMAIL]),
    ],
)
async def test_who_is_reached_elsewhere_and_wants_it_is_told_there_too(contacts, channels):
    kept = Kept()
    compose = ComposeNotifications(
        kept, Titles(), Noon(), ("in-app",), "Hello", contacts=Reached(*contacts), elsewhere=(EMAIL,)
    )
    await compose(Compose(event=SAID[4][0]), CAUSE)
    ((messages, _, _),) = kept.calls
    assert [it.channel for it in messages if it.customer_id == 6] == channels
    assert [it.channel for it in messages if it.company_id == 7] == ["in-app"]
    assert not any("example.com" in repr(it) for it in messages)


async def test_every_browser_is_told_once():
    kept, browsers = Kept(), [evolve(reached(PUSH), place=place) for place in ("here", "there")]
    known = Reached(*browsers, evolve(reached(PUSH, wanted=False), place="nowhere"), reached(EMAIL))
    compose = ComposeNotifications(
        kept, Titles(), Noon(), ("in-app",), "Hello", contacts=known, elsewhere=(EMAIL, PUSH)
    )
    await compose(Compose(event=SAID[4][0]), CAUSE)
    ((messages, _, _),) = kept.calls
    told = [(it.channel, it.place) for it in messages if it.customer_id == 6]
    assert told == [("in-app", ""), (PUSH, "here"), (PUSH, "there"), (EMAIL, "")]
    assert {it.text for it in messages if it.channel == PUSH} == {it.text for it in messages if it.channel == EMAIL}


@pytest.mark.parametrize(
    "said, remembered, channels",
    [
        (NOON - MONTH, MONTH, ["in-app", EMAIL]),
        (NOON - MONTH - timedelta.resolution, MONTH, ["in-app"]),
        (NOON - 9 * MONTH, None, ["in-app", EMAIL]),
        (None, MONTH, ["in-app", EMAIL]),
    ],
)
async def test_what_may_have_been_heard_before_somebody_said_where_is_told_nowhere_else(said, remembered, channels):
    kept, elsewhere = Kept(), {"contacts": Reached(reached(EMAIL)), "elsewhere": (EMAIL,), "remembered": remembered}
    compose = ComposeNotifications(kept, Titles(), Noon(), ("in-app",), **elsewhere)
    await compose(Compose(event=SAID[4][0]), evolve(CAUSE, at=said))
    ((messages, _, _),) = kept.calls
    assert [it.channel for it in messages if it.customer_id == 6] == channels


async def test_where_nobody_is_reached_elsewhere_no_contact_is_looked_up():
    kept = Kept()
    compose = ComposeNotifications(kept, Titles(), Noon(), ("in-app",), "Hello", contacts=object())
    await compose(Compose(event=SAID[4][0]), CAUSE)
    ((messages, _, _),) = kept.calls
    assert {it.channel for it in messages} == {"in-app"}


@pytest.mark.parametrize("event, _", SAID + OF_FREE)
async def test_a_mail_has_a_subject_and_a_paragraph_in_each_language(event, _):
    ((messages, _, _),) = await composed(event, (EMAIL,))
    for message in messages:
        subject, korean, english = message.text.split("\n\n")
        assert "\n" not in subject + korean + english
        assert korean.startswith("Hello ")
        assert english.startswith("Hello ")
        assert subject in SUBJECTS.values()
        assert "ticket" in english.lower() or "booking" in english.lower()


async def test_what_a_member_holds_does_not_begin_a_new_paragraph():
    gone = BookCanceled(id=5, status="CANCELED", reason="a / b\n\nc", **OF_BOOKING)
    ((messages, _, _),) = await composed(gone, (EMAIL,))
    assert messages[0].text.count("\n\n") == 2
    assert messages[0].text.count("a / b c") == 2


async def test_in_one_line_what_a_member_holds_does_not_look_like_the_other_language():
    ((here, *_),) = [told for told, _, _ in await composed(BookCanceled(id=5, reason="on / off", customer_id=6))]
    assert here.text.split(" / ") == ["Hello 예매 5번이 취소되었습니다: on/off.", "Booking 5 is canceled: on/off."]


def test_every_template_has_a_subject_and_both_languages():
    assert SUBJECTS.keys() == TEMPLATES.keys()
    words = [template.words for templates in TEMPLATES.values() for template in templates]
    assert [it for it in [*words, *SUBJECTS.values()] if it.count(BETWEEN) != 1] == []


@pytest.mark.parametrize(
    "event, booking, ticket",
    [
        (TicketRegistered(id=3, company_id=7), None, 3),
        (Booked(id=5, **OF_BOOKING), 5, 3),
        (PaymentApproved(**OF_PAYMENT), 5, 3),
        (WaitingEnded(id=2, ticket_id=3, customer_id=6), None, 3),
    ],
)
async def test_a_message_knows_what_it_is_about(event, booking, ticket):
    ((messages, _, _),) = await composed(event)
    assert (messages[0].booking_id, messages[0].ticket_id) == (booking, ticket)


def notification(**members):
    message = Message(event_id="e", event="Booked", channel="in-app", text="t", correlation_id="c", company_id=7)
    return Notification(**({"id": NotificationId(1), "message": message, "created_at": NOON, "due_at": NOON} | members))


STEPS = {
    "deliver": lambda it: it.delivered(NOON),
    "fail": lambda it: it.failed("no line", NOON),
    "refuse": lambda it: it.refused("nobody there"),
    "resend": lambda it: it.resent(NOON),
    "gather": lambda it: it.gathered(NotificationId(2)),
}
ENDED = (Status.DELIVERED, Status.GIVEN_UP)
TABLE = {
    (Status.QUEUED, "deliver"): {Status.DELIVERED},
    (Status.QUEUED, "fail"): {Status.QUEUED, Status.GIVEN_UP},
    (Status.QUEUED, "refuse"): {Status.GIVEN_UP},
    (Status.QUEUED, "resend"): {Status.QUEUED},
    (Status.QUEUED, "gather"): {Status.GATHERED},
    **{(over, step): {over} for over in (*ENDED, Status.GATHERED) for step in STEPS},
    **{(ended, "resend"): {Status.QUEUED} for ended in ENDED},
}
"""Every status × step, and where it may lead."""


def test_every_cell_is_decided():
    assert TABLE.keys() == set(product(Status, STEPS))


@pytest.mark.parametrize("status, step", TABLE)
@pytest.mark.parametrize("attempts", range(GIVE_UP_AFTER))
def test_decisions_follow_the_table(status, step, attempts):
    before = notification(status=status, attempts=attempts)
    after = STEPS[step](before)
    assert after.status in TABLE[status, step]
    assert (after != before) is (status in ENDED if step == "resend" else status is Status.QUEUED)


def test_what_fails_is_tried_again_ever_later_and_given_up_in_the_end():
    failing, waits = notification(), []
    for _ in range(GIVE_UP_AFTER):
        assert failing.status is Status.QUEUED
        failing = failing.failed("no line", NOON)
        waits.append((failing.due_at - NOON).total_seconds())
    assert (failing.status, failing.reason) == (Status.GIVEN_UP, "no line")
    assert waits[:-1] == [1, 2, 4, 8, 16, 32, 64, 128, 256] + [300] * 10
    assert notification().refused("nobody there").status is Status.GIVEN_UP


def test_what_is_sent_again_is_tried_from_the_start():
    given_up = notification(attempts=3).refused("nobody there")
    assert given_up.resent(NOON + timedelta(1)) == notification(due_at=NOON + timedelta(1))
    assert notification().delivered(NOON).resent(NOON) == notification()


def test_who_asks_to_wait_longer_is_not_asked_before_and_nobody_for_longer_than_the_longest():
    due = [notification().failed("busy", NOON, timedelta(seconds=least)).due_at - NOON for least in (0, 1, 7, 10**5)]
    assert [wait.total_seconds() for wait in due] == [1, 1, 7, 300]


def test_reading_again_keeps_the_first_time():
    read = notification().marked(True, NOON)
    assert read.marked(True, NOON + timedelta(1)).read_at == NOON
    assert read.marked(False, NOON).read_at is None


def test_what_is_for_somebody_else_is_not_found():
    assert notification().owned(Scope(company_id=7)) == notification()
    for stranger in (Scope(company_id=8), Scope(customer_id=7)):
        with pytest.raises(NotFound):
            notification().owned(stranger)
