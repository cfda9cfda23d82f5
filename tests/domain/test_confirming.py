"""Whether an address is its recipient's: what is asked, how often, what is sent, and what confirms it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from myticket_core.access import Scope
from myticket_core.errors import Rejected
from myticket_core.notification.asking import OF_MAILBOX, VALID, Asking, mailbox_of
from myticket_core.notification.confirming import confirmation, confirmed, to_be_sent
from myticket_core.notification.contact import Contact, Pending
from myticket_core.notification.model import EMAIL, Message

NOW = datetime(2026, 11, 22, 16, 9, tzinfo=UTC)
KIM = Contact(recipient=Scope(customer_id=1), channel=EMAIL, address="kim@example.com")
ASKED = evolve(KIM, pending=Pending("first", NOW + VALID))


def asking(given=KIM, now=NOW, sends=True, code="second"):
    return Asking(given, code, now, sends)


def test_a_new_address_waits_to_be_confirmed_and_one_that_is_stays_so():
    asked, taken = asking(code="first").decided(None, {})
    assert (asked, set(taken)) == (ASKED, set(asking().buckets))
    silent = evolve(KIM, wanted=False)
    assert asking(silent).decided(KIM, {}) == (silent, {})
    other, _ = asking(evolve(KIM, address="lee@example.com")).decided(KIM, {})
    assert (other.pending, other.reached) == (Pending("second", NOW + VALID), False)


def test_the_same_address_asked_again_keeps_its_code_as_long_as_that_is_good():
    soon, late = NOW + timedelta(hours=23), NOW + VALID
    assert asking(now=soon).decided(ASKED, {})[0].pending == Pending("first", soon + VALID)
    assert asking(now=late).decided(ASKED, {})[0].pending == Pending("second", late + VALID)
    elsewhere = evolve(KIM, address="lee@example.com")
    assert asking(elsewhere).decided(ASKED, {})[0].pending.code == "second"


@pytest.mark.parametrize("given, sends", [(evolve(KIM, wanted=False), True), (KIM, False)])
def test_who_wants_nothing_there_or_cannot_be_sent_anything_is_not(given, sends):
    after, taken = asking(given, sends=sends).decided(None, {})
    assert (after.confirmed, taken) == (False, {})


def test_a_recipient_is_sent_three_and_then_one_in_twenty_minutes():
    owed, now, sent = {}, NOW, []
    for minute in range(180):
        now = NOW + timedelta(minutes=minute)
        with suppress(Rejected):
            owed = {**owed, **asking(evolve(KIM, address=f"kim@{minute}.example"), now).decided(ASKED, owed)[1]}
            sent.append(minute)
    assert sent[:6] == [0, 1, 2, 20, 40, 60]
    assert len(sent) == 3 + 8
    with pytest.raises(Rejected) as refused:
        asking(evolve(KIM, address="kim@again.example"), NOW + timedelta(minutes=165)).decided(ASKED, owed)
    assert (refused.value.code, refused.value.facts["retry_after"]) == ("too_many_confirmations", timedelta(minutes=15))


def test_a_mailbox_is_sent_few_by_all_together_and_nobody_is_told_that_others_asked():
    owed, sent = {}, 0
    for number in range(10):
        said = evolve(KIM, recipient=Scope(customer_id=number + 1), address=f"Kim+{number}@Example.com")
        after, taken = asking(said).decided(None, owed)
        assert (after.address, after.confirmed) == (said.address, False)
        assert asking(said).buckets[0] in taken, "it is of their own too: else they could tell"
        sent += mailbox_of("kim@example.com") in taken
        owed = {**owed, **taken}
    assert sent == OF_MAILBOX.many


def test_the_code_confirms_and_nothing_else_does():
    assert confirmed(ASKED, "first", NOW) == KIM
    assert confirmed(KIM, "first", NOW) == confirmed(KIM, "", NOW) == KIM, "again"
    for code, now in (("second", NOW), ("", NOW), ("처음", NOW), ("first", NOW + VALID)):
        with pytest.raises(Rejected, match="code") as refused:
            confirmed(ASKED, code, now)
        assert refused.value.code == "wrong_code"


def test_a_mail_with_the_code_goes_where_it_is_to_be_confirmed_alone():
    mail = confirmation(ASKED, NOW, "c", "Hello", "https://tickets.example/web/contacts")
    assert "first" not in mail.text, "it is looked up when the mail is sent"
    subject, korean, english = to_be_sent(mail, ASKED).split("\n\n")
    assert subject == "이메일 주소를 확인해 주세요 / Confirm your e-mail address"
    assert "https://tickets.example/web/contacts?code=first" in korean
    assert "https://tickets.example/web/contacts?code=first" in english
    for other in (KIM, evolve(ASKED, wanted=False), evolve(ASKED, pending=Pending("second", NOW))):
        assert to_be_sent(mail, other) is None
    alone = to_be_sent(confirmation(ASKED, NOW, "c", "Hello", None), ASKED)
    assert ("first" in alone, "http" in alone) == (True, False)
    later = confirmation(ASKED, NOW + timedelta(seconds=1), "c", "Hello", None)
    assert later.event_id != mail.event_id, "it is another mail"


def test_nothing_else_goes_there_before():
    told = Message(event_id="e", event="Booked", channel=EMAIL, text="{code}", correlation_id="c", customer_id=1)
    assert [to_be_sent(told, it) for it in (KIM, ASKED, evolve(KIM, wanted=False))] == ["{code}", None, None]
