"""Many mails about bookings become one: who is told how, and that each fact is told once, whatever happens."""

import asyncio
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory import MemoryDatabase, MemoryNotifications, MemoryTitles
from adapters.system import RandomIds, concurrently
from myticket_core.access import Scope
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause
from myticket_core.notification.deliver import IN_HAND, DeliverNotifications
from myticket_core.notification.digest import FEW, MOST, GatherDigests
from myticket_core.notification.digest_words import DIGESTS
from myticket_core.notification.letter import BETWEEN, PARAGRAPH
from myticket_core.notification.model import EMAIL, GATHERING, TOGETHER, Message, Status
from myticket_core.notification.ports import Sought
from myticket_core.notification.queueing import MAILS
from myticket_core.notification.title import Title
from tests.domain.examples import NOON, Clock, Died

SECOND = timedelta(seconds=1)
IN_APP = "in-app"


class Line:
    """What it has taken stands in `taken`, also when who handed it over never hears of that."""

    name = EMAIL

    def __init__(self):
        self.taken, self.outcomes = [], iter(())

    async def send(self, notification):
        outcome = next(self.outcomes, "sent")
        await asyncio.sleep(0)
        if outcome == "refused":
            raise Unavailable("not now")
        if outcome == "dead before":
            raise Died
        self.taken.append(notification)
        if outcome == "unheard":
            raise Unavailable("no answer")
        if outcome == "dead after":
            raise Died


class Shared(MemoryNotifications):
    """Others come in between reading and what follows from it."""

    async def due(self, now, channel, limit):
        found = await super().due(now, channel, limit)
        await asyncio.sleep(0)
        return found

    async def untouched(self, like, limit):
        found = await super().untouched(like, limit)
        await asyncio.sleep(0)
        return found


class World:
    def __init__(self, replicas=1):
        self.clock, self.line, self.told = Clock(), Line(), 0
        store = MemoryDatabase(self.clock, RandomIds())
        self.notifications, self.titles = Shared(store), MemoryTitles(store)
        self.replicas = [self._deliver() for _ in range(replicas)]

    def _deliver(self):
        digests = GatherDigests(self.notifications, self.titles, "Hello")
        return DeliverNotifications(self.notifications, self.line, self.clock, concurrently, 8, digests)

    async def happen(self, many, company=7, event="Booked", ticket=3, customer=None):
        """So many bookings, each told in the app and by mail."""
        for _ in range(many):
            self.told += 1
            cause = Cause(id=f"e{self.told}", correlation_id=f"c{self.told}", consumer="alarm")
            said = {"event_id": cause.id, "event": event, "text": "one", "correlation_id": cause.correlation_id}
            said |= {"company_id": company, "customer_id": customer, "ticket_id": ticket}
            both = [Message(channel=it, **said) for it in (IN_APP, EMAIL)]
            await self.notifications.add(both, self.clock.now(), cause, shown=(IN_APP,))

    async def rounds(self, which=None):
        """Until nothing is due; who dies is seen no more before its minute is over."""
        while sum([await self._round(it) for it in which or self.replicas]):
            pass

    async def _round(self, deliver):
        try:
            return await deliver()
        except Died:
            return 0

    async def mails(self):
        return await self.notifications.sought(Sought(channel=EMAIL), None, 10**6)


async def test_many_bookings_are_told_in_one_mail_when_the_first_has_waited_a_minute():
    world = World()
    for second in range(52):
        await world.happen(6, ticket=3 if second % 3 else 4)
        world.clock.time += SECOND
    world.clock.time = NOON + GATHERING - SECOND
    await world.rounds()
    assert world.line.taken == []
    world.clock.time += SECOND
    await world.rounds()
    (mail,) = world.line.taken
    subject, korean, english = mail.message.text.split("\n\n")
    assert subject == "새 예매 312건 / 312 new bookings"
    assert korean == "Hello 새 예매 312건이 들어왔습니다. 티켓별 건수: 티켓 3번 204건, 티켓 4번 108건."
    assert english == "Hello 312 new bookings came, by ticket: 204 of ticket 3, 108 of ticket 4."
    said = mail.message
    assert (said.event, said.channel, said.company_id, said.ticket_id) == ("BookedDigest", EMAIL, 7, None)
    assert (await world.notifications.unread(Scope(company_id=7))) == 312, "the list stays whole"


async def test_few_are_told_one_by_one():
    world = World()
    await world.happen(FEW)
    world.clock.time += GATHERING
    await world.rounds()
    assert [it.message.event for it in world.line.taken] == ["Booked"] * FEW
    assert {it.status for it in await world.mails()} == {Status.DELIVERED}


async def test_what_comes_while_the_first_waits_is_told_with_it_and_the_rest_when_there_is_a_mail_again():
    world = World()
    await world.happen(1)
    world.clock.time += GATHERING
    await world.happen(FEW, ticket=3)
    await world.rounds()
    (mail,) = world.line.taken
    assert (mail.message.ticket_id, mail.message.text.splitlines()[0]) == (3, "새 예매 21건 / 21 new bookings")
    await world.happen(2)
    world.clock.time += MAILS.each - SECOND
    await world.rounds()
    assert len(world.line.taken) == 1
    world.clock.time += GATHERING
    await world.rounds()
    assert [it.message.text.splitlines()[0] for it in world.line.taken[1:]] == ["새 예매 2건 / 2 new bookings"]


async def test_each_recipient_has_a_mail_of_their_own_that_tells_of_each_kind():
    world = World()
    for whom, event, many in (
        ({"company": 7}, "Booked", FEW + 1),
        ({"company": 8}, "Booked", FEW + 1),
        ({"company": 7}, "BookCanceled", 2),
        ({"company": None, "customer": 7}, "PaymentApproved", 3),
    ):
        await world.happen(many, event=event, **whom)
    world.clock.time += GATHERING + MAILS.each
    await world.rounds()
    digests = {it.message.company_id: it.message for it in world.line.taken if it.message.company_id}
    assert [it.message.event for it in world.line.taken if it.message.customer_id] == ["PaymentApproved"] * 3
    assert (digests[7].event, digests[8].event) == ("Digest", "BookedDigest")
    subject, korean, english = digests[7].text.split(PARAGRAPH)
    assert subject == "알림 23건 / 23 messages"
    assert korean == (
        "Hello 새 예매 21건이 들어왔습니다. 티켓별 건수: 티켓 3번 21건. "
        "예매 2건이 취소되었습니다. 티켓별 건수: 티켓 3번 2건."
    )
    assert english.startswith("Hello 21 new bookings came, by ticket: 21 of ticket 3. 2 bookings were canceled")


async def test_a_mailbox_gets_some_at_once_then_one_in_a_while_and_all_is_told():
    """Also of who books and cancels a free ticket in a loop: others' mails go as ever."""
    world, buyer = World(), {"company": None, "customer": 666}
    for _ in range(120):
        for event in ("PaymentApproved", "BookCanceled"):
            await world.happen(1, event=event, **buyer)
        await world.rounds()
        world.clock.time += 30 * SECOND
    flood = [it for it in world.line.taken if it.message.customer_id == 666]
    assert MAILS.many < len(flood) <= MAILS.many + 3600 * SECOND // MAILS.each
    await world.happen(1, event="PaymentApproved", company=None, customer=5)
    await world.rounds()
    assert 5 in {it.message.customer_id for it in world.line.taken}, "at once"
    world.clock.time += MAILS.each
    await world.rounds()
    await told_once(world)


async def test_a_single_one_that_is_held_is_told_as_it_is():
    world = World()
    for _ in range(MAILS.many + 1):
        await world.happen(1, event="PaymentApproved", company=None, customer=5)
        await world.rounds()
    assert len(world.line.taken) == MAILS.many
    world.clock.time += MAILS.each
    await world.rounds()
    assert [it.message.event for it in world.line.taken] == ["PaymentApproved"] * (MAILS.many + 1)


async def test_a_mail_has_a_size_and_the_rest_is_in_the_next():
    world = World()
    await world.happen(MOST + FEW + 1)
    world.clock.time += GATHERING + MAILS.each
    await world.rounds()
    assert [int(it.message.text.split("건")[0].split()[-1]) for it in world.line.taken] == [MOST, FEW + 1]


async def test_many_tickets_are_not_all_named():
    world = World()
    for ticket in range(1, 31):
        await world.happen(2 if ticket == 30 else 1, ticket=ticket)
    world.clock.time += GATHERING
    await world.rounds()
    _, korean, english = world.line.taken[0].message.text.split(PARAGRAPH)
    assert "티켓별 건수: 티켓 30번 2건, 티켓 1번 1건, 티켓 2번 1건, " in korean
    assert korean.endswith(", 티켓 9번 1건, 그 외 20건.")
    assert "by ticket: 2 of ticket 30, 1 of ticket 1, 1 of ticket 2, " in english
    assert english.endswith(", 1 of ticket 9, 20 others.")


async def test_tickets_are_told_by_their_names_whatever_these_hold():
    world = World()
    for id, name in ((3, "Jazz / {count} \n\n Night"), (5, "Of nobody")):
        await world.titles.learn(Title(id, name, 1))
    for event, ticket in (("Booked", 3), ("Booked", 4), ("TicketRegistered", 3), ("TicketRegistered", 4)):
        await world.happen(FEW, event=event, ticket=ticket)
    world.clock.time += GATHERING + MAILS.each
    await world.rounds()
    subject, korean, english = world.line.taken[0].message.text.split(PARAGRAPH)
    assert subject == "알림 80건 / 80 messages", "a subject is ours alone"
    assert korean == (
        "Hello 새 예매 40건이 들어왔습니다. 티켓별 건수: 'Jazz / {count} Night' 티켓(3번) 20건, 티켓 4번 20건. "
        "티켓 40건이 등록되었습니다: 'Jazz / {count} Night' 티켓(3번), 티켓 4번."
    )
    assert english == (
        'Hello 40 new bookings came, by ticket: 20 of "Jazz / {count} Night" (ticket 3), 20 of ticket 4. '
        '40 tickets are registered: "Jazz / {count} Night" (ticket 3), ticket 4.'
    )


async def test_what_was_in_somebodys_hands_is_never_told_with_others():
    """It may have arrived."""
    world = World()
    await world.happen(1)
    world.clock.time += GATHERING
    world.line.outcomes = iter(["dead after"])
    await world.rounds()
    await world.happen(FEW + 5)
    world.clock.time += IN_HAND
    await world.rounds()
    assert sorted(it.message.event for it in world.line.taken) == ["Booked", "Booked", "BookedDigest"]
    assert len({it.id for it in world.line.taken}) == 2


async def test_a_digest_that_was_cut_off_is_sent_again_as_the_same_mail():
    world = World(replicas=2)
    await world.happen(FEW + 1)
    world.clock.time += GATHERING
    world.line.outcomes = iter(["dead after"])
    await world.rounds(world.replicas[:1])
    await world.rounds(world.replicas[:1])
    assert len(world.line.taken) == 1
    world.clock.time += IN_HAND
    await world.rounds(world.replicas[1:])
    first, second = world.line.taken
    assert (first.id, first.message) == (second.id, second.message)


def test_what_may_be_told_together_has_words_in_both_languages():
    assert DIGESTS.keys() == TOGETHER
    for said in DIGESTS.values():
        told = set(re.findall(r"{(\w+)}", said.words))
        assert told in ({"count", "tickets"}, {"count", "names"}), "when they were nobody knows: alarm may be behind"
        assert said.subject.count(BETWEEN) == said.words.count(BETWEEN) == 1


@pytest.mark.parametrize("customer, channel", [(6, EMAIL), (None, IN_APP)])
def test_only_mails_to_organizers_wait(customer, channel):
    company = None if customer else 7
    said = Message(event_id="e", event="Booked", channel=channel, text="t", correlation_id="c", customer_id=customer)
    assert not said.gathers
    assert (
        company is None
        or Message(
            event_id="e", event="Booked", channel=EMAIL, text="t", correlation_id="c", company_id=company
        ).gathers
    )


HAPPENS = st.tuples(st.just("happen"), st.sampled_from([1, 5, 25]), st.sampled_from([7, 7, 8]), st.just("Booked"))
OUTCOMES = st.lists(st.sampled_from(["sent", "refused", "unheard", "dead before", "dead after"]), max_size=4)
ROUNDS = st.tuples(
    st.just("round"), st.sampled_from([0, 25, 60]), st.sets(st.sampled_from([0, 1, 2]), min_size=1), OUTCOMES
)


@settings(max_examples=100)
@given(st.lists(st.one_of(HAPPENS, ROUNDS), min_size=4, max_size=16))
def test_every_fact_is_told_in_one_mail_however_they_come_and_whoever_dies(steps):
    asyncio.run(played(steps))


async def played(steps):
    world = World(replicas=3)
    for what, *how in steps:
        if what == "happen":
            await world.happen(*how)
        else:
            seconds, replicas, outcomes = how
            world.clock.time += seconds * SECOND
            world.line.outcomes = iter(outcomes)
            await concurrently([one_round(world, world.replicas[it]) for it in sorted(replicas)])
    world.line.outcomes = iter(())
    while any(it.status is Status.QUEUED for it in await world.mails()):
        world.clock.time += GATHERING
        await world.rounds()
    await told_once(world)


async def one_round(world, deliver):
    await world._round(deliver)


async def told_once(world):
    mails, arrived = await world.mails(), {it.id for it in world.line.taken}
    facts = [it for it in mails if not it.message.event_id.startswith("digest")]
    assert len(facts) == world.told
    for fact in facts:
        tell_it = {fact.id, fact.digest} & arrived
        assert tell_it == {fact.digest or fact.id}, (fact, arrived)
    for digest in (it for it in mails if it not in facts):
        members = [it for it in facts if it.digest == digest.id]
        assert len(members) > (1 if any(it.held for it in members) else FEW)
        assert f" {len(members)}건" in digest.message.text
        assert {it.message.recipient for it in members} == {digest.message.recipient}
