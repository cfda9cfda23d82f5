"""Adapters with one guarantee broken on purpose; each says which."""

import asyncio
from itertools import count

from attrs import evolve

from adapters.memory import (
    InProcessPayments,
    MemoryBookings,
    MemoryChanges,
    MemoryContacts,
    MemoryDatabase,
    MemoryNotifications,
    MemoryOutbox,
    MemoryOwners,
    MemoryPages,
    MemoryParking,
    MemoryPast,
    MemoryPaymentBook,
    MemoryProjection,
    MemoryProvider,
    MemorySales,
    MemoryTickets,
    MemoryTitles,
    MemoryViews,
    MemoryWaitingList,
)
from adapters.memory.lists import page
from adapters.memory.log import MemoryHistory, MemoryReader
from adapters.system import Bells, RandomIds, SystemClock
from myticket_core.access import EVERYTHING
from myticket_core.booking.ports import Approved, Unknown
from myticket_core.errors import NotFound, Unavailable
from myticket_core.messages import Kept, as_it_is
from myticket_core.mypage.changes import Mark, Watched
from myticket_core.mypage.days import by_day
from myticket_core.mypage.model import BookingPage

MANY = 1000


class Database(MemoryDatabase):
    def __init__(self):
        super().__init__(SystemClock(), RandomIds())


class WithoutInbox(Database):
    def handled(self, cause):
        return False


class WithoutKeys(Database):
    def kept(self, kind, cause):
        return None


class WithoutFingerprints(Database):
    def kept(self, kind, cause):
        return self.keys.get((kind, cause.key), (None, None))[1]


class RemembersTooEarly(Database):
    """The inbox row is written before the decision, and stays when that fails."""

    def handled(self, cause):
        handled = super().handled(cause)
        self.inbox[cause.consumer, cause.id] = self.clock.now()
        return handled


class LosesEvents(Database):
    """As if it published after the commit and crashed in between."""

    def commit(self, cause, events, *rows):
        super().commit(cause, (), *rows)


class LosesTheSecondEvent(Database):
    """What a booking does to its sale is not told."""

    def commit(self, cause, events, *rows):
        super().commit(cause, events[:1], *rows)


class NoCause(Database):
    def commit(self, cause, events, *rows):
        super().commit(evolve(cause, id="?"), events, *rows)


class UnguardedBookings(MemoryBookings):
    """Between reading the sale and writing it others come in."""

    async def hold(self, ticket_id, claim, cause, buyer=None, judge=None):
        stale = self._db.sales[ticket_id]
        await asyncio.sleep(0)
        id = len(self._db.bookings) + 1
        sale, (booking, events) = claim(stale, id)
        self._db.commit(cause, events, (self._db.bookings, id, booking), (self._db.sales, ticket_id, sale))
        return Kept(booking)


class OffersTwice(MemoryWaitingList):
    """Between reading the place and the sale and writing them others come in."""

    async def offer(self, place, give, cause):
        waiting, sale = await self.get(place), self._sale(place)
        await asyncio.sleep(0)
        id = len(self._db.bookings) + 1
        sale, waiting, (booking, events) = give(sale, waiting, id)
        rows = ((self._db.waiting, place, waiting), (self._db.sales, place.ticket_id, sale))
        self._db.commit(cause, events, (self._db.bookings, id, booking), *rows)
        return booking


class KeepsTheNumber(MemoryWaitingList):
    """Who joins again stands where they stood before."""

    async def join(self, place, take, cause):
        before = self._db.waiting.get(place)
        waiting = await super().join(place, take, cause)
        self._db.waiting[place] = evolve(waiting, number=before.number) if before else waiting
        return self._db.waiting[place]


class ForgetsWhoWaits(MemoryWaitingList):
    """The sale is not told of those who join."""

    async def join(self, place, take, cause):
        before = self._sale(place)
        waiting = await super().join(place, take, cause)
        self._db.sales[place.ticket_id] = evolve(before, numbered=self._sale(place).numbered)
        return waiting


class EverybodysPlaces(MemoryWaitingList):
    async def list(self, owner, paging):
        return await super().list(EVERYTHING, paging)


class OneLineForAll(MemoryWaitingList):
    """Who waits for another ticket stands in the line too."""

    def _waiting(self, ticket_id):
        return [place for ticket in self._db.sales for place in super(OneLineForAll, self)._waiting(ticket)]


class KeepsWhoLeft(MemoryWaitingList):
    def _waiting(self, ticket_id):
        return [it for it in self._db.waiting.values() if it.ticket_id == ticket_id]


class AsTheyCame(MemorySales):
    """Sales in the order in which they were first heard of."""

    async def campaigns(self, after, limit):
        every = await super().campaigns(after, MANY)
        return [sale for sale in self._db.sales.values() if sale in every][:limit]

    async def lines(self, now, after, limit):
        every = await super().lines(now, after, MANY)
        return [sale for sale in self._db.sales.values() if sale in every][:limit]


class NoCounts(MemoryBookings):
    def _moved(self, before, after):
        return (), ()


class KeysOfChanges(MemoryBookings):
    """A key is forgotten when the request changes nothing."""

    async def change_once(self, id, decide, cause, judge=None):
        before = self._existing(id)
        kept = await super().change_once(id, decide, cause, judge)
        if kept.state == before:
            self._db.keys.pop(("book", cause.key), None)
        return kept


class KeysOfTheRefused(MemoryBookings):
    """A key is taken by what was refused."""

    async def change_once(self, id, decide, cause, judge=None):
        try:
            return await super().change_once(id, decide, cause, judge)
        except Exception:
            self._db.keys["book", cause.key] = (cause.fingerprint, id, self._db.clock.now())
            raise


class OneKeyForAll(MemoryBookings):
    """All that a request leads to is once per its key."""

    async def change(self, id, decide, cause, judge=None):
        return (await self.change_once(id, decide, cause, judge)).state


class JudgesBeforehand(MemoryBookings):
    """Between reading the sale and writing the booking others come in."""

    async def change(self, id, decide, cause, judge=None):
        seen = self._db.sales[self._existing(id).ticket_id]
        await asyncio.sleep(0)
        return await super().change(id, decide, cause, judge and (lambda booking, _: judge(booking, seen)))


class JudgesWhatWas(MemoryBookings):
    """What was decided is lost when somebody judges."""

    async def change(self, id, decide, cause, judge=None):
        return await super().change(id, as_it_is if judge else decide, cause, judge)


class JudgesOnce(MemoryBookings):
    """Who repeats a key hears what is stored."""

    async def hold(self, ticket_id, claim, cause, buyer=None, judge=None):
        return await super().hold(ticket_id, claim, cause, buyer)

    async def change_once(self, id, decide, cause, judge=None):
        repeated = self._db.kept("book", cause) is not None
        return await super().change_once(id, decide, cause, None if repeated else judge)


class JudgesTheFirst(MemoryBookings):
    """A new hold, too."""

    async def hold(self, ticket_id, claim, cause, buyer=None, judge=None):
        kept = await super().hold(ticket_id, claim, cause, buyer, judge)
        return Kept(await self.change(kept.state.id, as_it_is, cause, judge), kept.repeated)


class JudgesAfterwards(MemoryBookings):
    """In a commit of its own: what is refused then has been stored."""

    async def change(self, id, decide, cause, judge=None):
        after = await super().change(id, decide, cause)
        return await super().change(id, as_it_is, cause, judge) if judge else after


class InvitesToNothing(MemoryBookings):
    """Who waits to pay for a deleted ticket stands in line."""

    def _in_line(self):
        return [(it.due_from, it) for it in self._pending() if it.due_from is not None]


class CountsBeforehand(MemoryBookings):
    """Between counting the buyer's holds and adding one others come in."""

    async def hold(self, ticket_id, claim, cause, buyer=None, judge=None):
        if buyer is not None:
            buyer.another(sum(it.customer_id == buyer.customer_id for it in self._pending()))
        await asyncio.sleep(0)
        return await super().hold(ticket_id, claim, cause)


class CountsAllBookings(MemoryBookings):
    """Not only those that wait for their money."""

    def _pending(self):
        return list(self._db.bookings.values())


class CountsPerTicket(MemoryBookings):
    async def hold(self, ticket_id, claim, cause, buyer=None, judge=None):
        if buyer is not None:
            mine = [it for it in self._pending() if it.ticket_id == ticket_id]
            buyer.another(sum(it.customer_id == buyer.customer_id for it in mine))
        return await super().hold(ticket_id, claim, cause)


class DoorsApart(MemoryBookings):
    """Each decides on what it has seen a moment before."""

    async def change_once(self, id, decide, cause, judge=None):
        seen = self._existing(id)
        await asyncio.sleep(0)
        after, events = decide(seen)
        self._db.commit(cause, events, (self._db.bookings, id, after))
        return Kept(after)


class GuestsWhoStand(MemoryBookings):
    """Whose booking is over has never come."""

    async def checked_in(self, ticket_id, paging):
        every = (it for it in self._db.bookings.values() if it.ticket_id == ticket_id and it.used)
        return page(every, paging, ("id", "checked_in_at"))


class EverybodysBookings(MemoryBookings):
    async def list(self, owner, paging):
        return await super().list(EVERYTHING, paging)


class SeatBeforeBooking(MemoryBookings):
    """The seat is taken in a commit of its own, and stays taken when nothing is booked."""

    async def hold(self, ticket_id, claim, cause, buyer=None, judge=None):
        sale = self._db.sales[ticket_id]
        try:
            return await super().hold(ticket_id, claim, cause, buyer, judge)
        except Exception:
            self._db.sales[ticket_id] = evolve(sale, held=sale.held + 1)
            raise


class OutboxNotRolledBack(MemoryTickets):
    """Writes in groups; when one of a group fails, the state is rolled back and all are done singly."""

    def __init__(self, database):
        super().__init__(database)
        self.group = []

    async def change(self, id, decide, cause):
        self.group.append((id, decide))
        await asyncio.sleep(0)
        group, self.group = self.group, []
        before = dict(self._db.tickets)
        try:
            for member, decision in group:
                ticket, events = decision(self._db.tickets[member])
                self._db.commit(evolve(cause, consumer=None), events, (self._db.tickets, member, ticket))
        except Exception:
            pass
        self._db.tickets.update(before)
        return await super().change(id, decide, cause)


class OverlappingTickets(MemoryTickets):
    """A page begins with the last item of the one before."""

    async def search(self, search, paging):
        whole = await super().search(search, evolve(paging, number=0, size=1000))
        start = max(0, paging.offset - paging.number)
        return evolve(whole, items=whole.items[start : start + paging.size], paging=paging)


class NeedsAName(MemoryTickets):
    async def search(self, search, paging):
        found = await super().search(search, paging)
        if search.text is not None and None in [it.name for it in self._db.tickets.values()]:
            return evolve(found, items=[], total=0)
        return found


class CaseMatters(MemoryTickets):
    async def search(self, search, paging):
        found = await super().search(search, paging)
        items = [ticket for ticket in found.items if (search.text or "") in (ticket.name or "")]
        return evolve(found, items=items, total=len(items))


class PartsMatter(MemoryTickets):
    """What was typed in parts is not found by what was typed whole."""

    async def search(self, search, paging):
        found = await super().search(search, paging)
        items = [it for it in found.items if (search.text or "").casefold() in (it.name or "").casefold()]
        return evolve(found, items=items, total=len(items))


class PairsAreEnough(MemoryTickets):
    """Takes for found what has every two characters of the text that follow each other, as an index alone would."""

    async def search(self, search, paging):
        found = await super().search(evolve(search, text=None), paging)
        text = (search.text or "").casefold()
        pairs = [text[at : at + 2] for at in range(max(1, len(text) - 1))]
        items = [it for it in found.items if all(pair in (it.name or "").casefold() for pair in pairs)]
        return evolve(found, items=items, total=len(items))


class RacingPayments(MemoryPaymentBook):
    """Between reading the payment and writing it others come in."""

    numbers = count(1)

    async def change(self, booking_id, decide, cause):
        payment = self._db.payments.get(booking_id)
        await asyncio.sleep(0)
        payment, events = decide(payment, next(self.numbers))
        self._db.commit(cause, events, (self._db.payments, booking_id, payment))
        return payment


class BelievesAnyApproval(InProcessPayments):
    """Whoever paid, and for what: the booking's number is enough."""

    async def find(self, booking):
        outcome = await super().find(booking)
        return outcome and Approved((await self._payments.of_booking(booking.id, EVERYTHING)).id)


class DoubtsForEver(InProcessPayments):
    """Who was asked once may have charged it."""

    async def find(self, booking):
        outcome = await super().find(booking)
        return Unknown() if outcome is None and booking.id in self._payments._db.payments else outcome


class NoDoubt(MemoryPaymentBook):
    async def unsettled(self, asked_before, due_by, after, limit):
        return [it for it in await super().unsettled(asked_before, due_by, after, limit) if it.status == "CANCELING"]


class TellsTwice(MemoryNotifications):
    """Every message is taken for a new one."""

    async def add(self, messages, now, cause, shown=()):
        for number, message in enumerate(messages):
            again = evolve(message, event_id=f"{message.event_id}/{cause.id}/{number}")
            await super().add([again], now, evolve(cause, consumer=None))


class TellsOnePlace(MemoryNotifications):
    """One of several is enough."""

    async def add(self, messages, now, cause, shown=()):
        one = {(it.event_id, it.customer_id, it.company_id, it.channel): it for it in messages}
        await super().add(list(one.values()), now, cause, shown)


class LooksBefore(MemoryNotifications):
    """Between looking at the buckets and queuing others look."""

    async def add(self, messages, now, cause, shown=()):
        seen, self._db.buckets = self._db.buckets, {**self._db.buckets}
        await asyncio.sleep(0)
        await super().add(messages, now, cause, shown)
        self._db.buckets = seen


class ShowsMails(MemoryNotifications):
    """What was delivered is seen, wherever it is read."""

    async def get(self, id, owner):
        return (await self.change(id, lambda it: it)).owned(owner)


class HalfAdds(MemoryNotifications):
    """One commit a message."""

    async def add(self, messages, now, cause, shown=()):
        for message in messages:
            await super().add([message], now, evolve(cause, consumer=None))


class CountsEverybodys(MemoryNotifications):
    async def unread(self, owner):
        return await super().unread(EVERYTHING)


class GathersTwice(MemoryNotifications):
    """Between reading those that wait and writing them others come in."""

    async def gather(self, ids, tell):
        found = [self._existing(id) for id in ids]
        await asyncio.sleep(0)
        await super().gather(ids, lambda _, id: tell(found, id))


class LosesUpdates(MemoryProjection):
    """Between reading a page and writing it others come in."""

    async def change_booking(self, booking_id, decide):
        after = decide(self._db.live.bookings.get(booking_id) or BookingPage(booking_id=booking_id))
        await asyncio.sleep(0)
        self._db.live.bookings[booking_id] = after


class SeesBackwards(MemoryProjection):
    """How far a page has seen a source is what came last of it."""

    async def change_booking(self, booking_id, decide):
        await super().change_booking(booking_id, lambda page: decide(evolve(page, seen=())))


class AheadOfTime(MemoryPages):
    """A page that is not there yet has seen all that is ever said of it."""

    async def booking(self, booking_id, owner):
        try:
            return await super().booking(booking_id, owner)
        except NotFound:
            return BookingPage(booking_id=booking_id, seen=(("book", 99), ("pay", 99)))


class EverybodysPages(MemoryPages):
    async def booking(self, booking_id, owner):
        return await super().booking(booking_id, EVERYTHING)


class InTheOrderTheyCame(MemoryPages):
    """Who goes on behind the last of some passes others by."""

    async def behind(self, booking_id, limit):
        return [page for id, page in self._db.live.bookings.items() if id > booking_id][:limit]


class CountsWhatStands(MemoryPages):
    """What was booked and then canceled is not counted."""

    async def days(self, ticket_id, owner):
        await self.ticket(ticket_id, owner)
        return by_day(it for it in self._bookings_of(ticket_id) if it.status == "BOOKED")


class CountsRepeats(MemoryProjection):
    """What changes nothing gets a number, too."""

    async def change_booking(self, booking_id, decide):
        await super().change_booking(booking_id, decide)
        live = self._db.live
        live.counter.last += 1
        live.bookings[booking_id] = evolve(live.bookings[booking_id], changed=live.counter.last)


class NumbersByPage(MemoryChanges):
    """In the order of the bookings, not in that of their changes."""

    async def since(self, mark, watched, limit):
        found = await super().since(mark, watched, limit)
        return evolve(found, bookings=sorted(found.bookings, key=lambda it: it.booking_id))


class TellsEverybody(MemoryChanges):
    async def since(self, mark, watched, limit):
        every = [frozenset([None]) if some else some for some in (watched.customers, watched.companies)]
        return await super().since(mark, Watched(*every), limit)


class OwnChangesOnly(MemoryChanges):
    """A ticket is not told again for what its bookings do."""

    async def since(self, mark, watched, limit):
        found = await super().since(mark, watched, limit)
        return evolve(found, tickets=[it for it in found.tickets if it.ticket.changed > mark.position])


class SkipsTheRest(MemoryChanges):
    """Its mark is that of now, however few were told."""

    async def since(self, mark, watched, limit):
        return evolve(await super().since(mark, watched, limit), mark=await self.latest())


class TakesAnyMark(MemoryChanges):
    """Whatever pages it is of, and however far they never came."""

    async def since(self, mark, watched, limit):
        now = await self.latest()
        return await super().since(Mark(now.view, min(mark.position, now.position)), watched, limit)


class MixesUpNumbers(MemoryContacts):
    """A customer and a company of the same number are one."""

    async def put(self, contact):
        for known, *where in list(self._kept):
            if where[0] == contact.channel and known.customer_id == contact.recipient.company_id:
                del self._kept[known, *where]
        await super().put(contact)


class KeepsTheFirst(MemoryContacts):
    async def put(self, contact):
        self._kept.setdefault((contact.recipient, contact.channel, contact.place), contact)


class RemovesAll(MemoryContacts):
    async def remove(self, recipient, channel, place=""):
        await super().remove(recipient, channel, place)
        for key in [it for it in self._kept if it[0] == recipient]:
            del self._kept[key]


class RemovesNothing(MemoryContacts):
    """What is not there is removed as well."""

    async def remove(self, recipient, channel, place=""):
        self._kept.pop((recipient, channel, place), None)


class KnowsOnePlace(MemoryContacts):
    """Over a channel there is one, whatever its name."""

    async def put(self, contact):
        for other in [it for it in self._kept if it[:2] == (contact.recipient, contact.channel)]:
            del self._kept[other]
        await super().put(contact)


class LeavesAPlaceToAll(MemoryContacts):
    """Whoever had it has it still."""

    async def put(self, contact):
        await asyncio.sleep(0)
        self._kept[contact.recipient, contact.channel, contact.place] = contact


class CountsBefore(MemoryContacts):
    """Between counting the others and writing one more some come in."""

    async def put(self, contact, allow=None):
        if allow is not None:
            allow(sum(whose == contact.recipient for whose, *_ in self._kept))
        await asyncio.sleep(0)
        await super().put(contact)


class KeepsTheRefused(MemoryContacts):
    async def put(self, contact, allow=None):
        await super().put(contact)
        await super().put(contact, allow)


class TakesAnyChannel(MemoryContacts):
    async def change(self, recipient, channel, become, buckets=()):
        contact, _ = become(None, {})
        return contact


class RemovesEveryPlace(MemoryContacts):
    async def remove(self, recipient, channel, place=""):
        await super().remove(recipient, channel, place)
        for key in [it for it in self._kept if it[:2] == (recipient, channel)]:
            del self._kept[key]


class OneAtATime(MemoryContacts):
    """Who comes while another is at it is sent away."""

    writing = False

    async def put(self, contact):
        if self.writing:
            raise Unavailable("somebody else is writing")
        self.writing = True
        await asyncio.sleep(0)
        await super().put(contact)
        self.writing = False


class AsksTwiceAtOnce(MemoryContacts):
    """Between looking at the buckets and taking from them others look."""

    async def change(self, recipient, channel, become, buckets=()):
        contact, taken = become(self._kept.get((recipient, channel, "")), {**self._buckets})
        await asyncio.sleep(0)
        self._kept[recipient, channel, ""] = contact
        self._buckets.update(taken)
        return contact


class HasOneBucket(MemoryContacts):
    """Of each recipient one, whatever its name."""

    async def change(self, recipient, channel, become, buckets=()):
        theirs, self._buckets = self._buckets, self.__dict__.setdefault(str(recipient), {})
        try:
            return await super().change(recipient, channel, become, buckets)
        finally:
            self._buckets = theirs


class ForgetsTheCode(MemoryContacts):
    async def change(self, recipient, channel, become, buckets=()):
        contact = await super().change(recipient, channel, become, buckets)
        await self.put(evolve(contact, pending=None))
        return contact


class ForgetsAsItWasWritten(MemoryContacts):
    async def forget(self, channel, address):
        found = [key for key, it in self._kept.items() if (key[1], it.address) == (channel, address)]
        for key in found:
            del self._kept[key]
        return len(found)


class NamesTheNameless(MemoryTitles):
    async def of(self, tickets):
        return {id: self._kept[id].name for id in tickets if id in self._kept}


class LastIsRight(MemoryTitles):
    async def learn(self, title):
        self._kept[title.ticket_id] = title


class FirstIsRight(MemoryTitles):
    async def learn(self, title):
        self._kept.setdefault(title.ticket_id, title)


class ForgetsTheNameless(MemoryTitles):
    """A version without a name is as one that was never heard of."""

    async def learn(self, title):
        await super().learn(title)
        if title.name is None:
            self._kept.pop(title.ticket_id)


class AnswersTheLast(MemoryTitles):
    """Of several who ask at once all are told of whom the last has asked for."""

    async def of(self, tickets):
        self.wanted = tickets
        await asyncio.sleep(0)
        return await super().of(self.wanted)


class LooksBeforeItLearns(MemoryTitles):
    """Between looking at what is known and writing others write."""

    async def learn(self, title):
        after = title.heard_after(self._kept.get(title.ticket_id))
        await asyncio.sleep(0)
        self._kept[title.ticket_id] = after


class RemembersAnswers(MemoryTitles):
    async def of(self, tickets):
        self.answers = getattr(self, "answers", {})
        return self.answers.setdefault(tuple(tickets), await super().of(tickets))


class RingsForAll(Bells):
    def ring(self, page):
        for other in self._listening:
            super().ring(other)


class ForgetsToRing(Bells):
    """What nobody waits for just now is not kept."""

    def ring(self, page):
        super().ring(page)
        for bell in self._listening.get(page, ()):
            bell.clear()


class DoesNotJoin(MemoryViews):
    async def join(self):
        return None


class StaysJoined(MemoryViews):
    async def blank(self):
        joined = self._db.joined
        view = await super().blank()
        self._db.joined = joined
        return view


class KeepsTheUnfinished(MemoryViews):
    async def blank(self):
        self._built = self._db.other
        return self._built


class ShowsWhatOthersBegan(MemoryViews):
    def _mine(self):
        return None


class ClearsWhatIsShown(MemoryViews):
    async def clear(self):
        self._db.live.tickets.clear()
        return 0


class ClearsWhatIsBuilt(MemoryViews):
    async def clear(self):
        self._built.bookings.clear()
        return 0


class MissesNothing(MemoryViews):
    async def differences(self, limit):
        return evolve(await super().differences(limit), missing=0)


class MissesWhatCame(MemoryViews):
    """What came since it was begun counts as missing."""

    async def differences(self, limit):
        self._mark = self._db.live.counter.last
        return await super().differences(limit)


class ComparesWhatOthersBegan(MemoryViews):
    async def differences(self, limit):
        self._built, built = self._db.other, self._built
        found = await super().differences(limit)
        self._built = built
        return found


class OffersAgain(MemoryOutbox):
    async def published(self, ids):
        await super().published(ids[:1])


class NewestFirst(MemoryOutbox):
    async def pending(self, limit):
        return tuple(reversed(await super().pending(limit)))


class ForgetsAKey(MemoryParking):
    async def keys(self, consumer):
        return frozenset(sorted(await super().keys(consumer))[:1])


class CountsKeysAlone(MemoryParking):
    async def waiting(self, consumer):
        return len(await self.keys(consumer))


class AnyKey(MemoryParking):
    async def parked(self, consumer, key=None):
        return await super().parked(consumer)


class ParksWhatWasHandled(MemoryParking):
    async def park(self, parked):
        self._db.parked.setdefault((parked.consumer, parked.id), parked)
        return True


class AnyConsumersInbox(MemoryParking):
    """What one has handled, all have."""

    async def park(self, parked):
        return parked.id not in {id for _, id in self._db.inbox} and await super().park(parked)


class DropsWhatWasHandled(MemoryParking):
    """What waits already, too."""

    async def park(self, parked):
        if (parked.consumer, parked.id) in self._db.inbox:
            self._db.parked.pop((parked.consumer, parked.id), None)
        return await super().park(parked)


class ParksInSilence(MemoryParking):
    async def park(self, parked):
        await super().park(parked)


class ForgetsAllThatWasHeard(MemoryPast):
    async def forget(self, before, limit):
        for event in [event for event, at in self._db.inbox.items() if at < before]:
            del self._db.inbox[event]
        return await super().forget(before, limit)


class ReplacesParked(MemoryParking):
    async def park(self, parked):
        self._db.parked[parked.consumer, parked.id] = parked


class ForgetsCommits(MemoryReader):
    async def commit(self, records):
        return None


class StepsBack(MemoryReader):
    async def commit(self, records):
        for record in records[-1:]:
            self._log.committed[self._group] = record.position + 1


class Backwards(MemoryReader):
    async def read(self, limit, at_most):
        return (await super().read(limit, at_most))[::-1]


class CannotRewind(MemoryReader):
    async def rewind(self):
        return None


class StillJoining(MemoryHistory):
    """As a new member of a consumer group: nothing comes at first."""

    joined = False

    async def read(self, limit):
        if self.joined:
            return await super().read(limit)
        self.joined = True
        return []


class GivesUpEarly(MemoryHistory):
    async def read(self, limit):
        return [] if self._next > 100 else await super().read(limit)


class EndsForGood(MemoryHistory):
    over = False

    async def read(self, limit):
        records = [] if self.over else await super().read(limit)
        self.over = not records
        return records


class AllAtOnce(MemoryHistory):
    async def read(self, limit):
        return await super().read(10_000)


class ChargesEachTime(MemoryProvider):
    numbers = count(1)

    async def charge(self, key, amount, method):
        return await super().charge(f"{key}/{next(self.numbers)}", amount, method)


async def hasty(jobs):
    """Does not wait for the others when one has failed."""
    await asyncio.gather(*jobs)


class AnswersForOthers(MemoryOwners):
    """Whichever service a number is of."""

    async def ask(self, source, id):
        return next((said for (_, known), said in self.known.items() if known == id), {})
