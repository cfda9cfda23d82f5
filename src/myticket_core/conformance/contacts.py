"""Any store of contacts. Subclass ContactsConformance; `new` gives a Contacts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import evolve

from myticket_core.access import Scope
from myticket_core.conformance.base import Conformance, race
from myticket_core.errors import NotFound, Rejected
from myticket_core.notification.bucket import Owed
from myticket_core.notification.contact import Contact, Pending
from myticket_core.notification.model import EMAIL, PUSH
from myticket_core.notification.ports import Allow, Become, Contacts

__all__ = ["ContactsConformance"]

MOMENT, DAY = datetime(2999, 1, 1, tzinfo=UTC), timedelta(days=1)
BUYER, COMPANY = Scope(customer_id=1), Scope(company_id=1)


def contact(
    recipient: Scope = BUYER, channel: str = EMAIL, address: str = "a@example.com", wanted: bool = True
) -> Contact:
    return Contact(recipient=recipient, channel=channel, address=address, wanted=wanted)


def at_most(number: int) -> Allow:
    def allow(others: int) -> None:
        if others >= number:
            raise Rejected("enough", f"there are {others} others")

    return allow


def taking(most: int, moment: datetime = MOMENT) -> Become:
    """Each moves the bucket `b` on by a day, for as many times."""

    def become(before: Contact | None, owed: Owed) -> tuple[Contact, Owed]:
        full_at = owed.get("b", moment)
        if full_at >= moment + most * DAY:
            raise Rejected("enough", f"it is {full_at}")
        return evolve(before or contact(), pending=Pending("code", full_at)), {"b": full_at + DAY}

    return become


def _noting(asked: list[str]) -> Become:
    """Whoever it is asked about."""

    def become(before: Contact | None, owed: Owed) -> tuple[Contact, Owed]:
        asked.append("contact" if before else "nobody")
        return before or contact(), {}

    return become


class ContactsConformance(Conformance[Contacts]):
    """All that a store of contacts guarantees."""

    async def test_each_recipient_has_their_own_by_channel(self) -> None:
        store = await self.new()
        stored = [contact(channel=PUSH), contact(wanted=False), contact(COMPANY), contact(Scope(customer_id=2))]
        for one in stored:
            await store.put(one)
        self.assertEqual([stored[1], stored[0]], list(await store.of(BUYER)))
        self.assertEqual([stored[2]], list(await store.of(COMPANY)))
        self.assertEqual([], list(await store.of(Scope(company_id=2))))

    async def test_a_new_one_takes_the_place_of_the_old(self) -> None:
        store, after = await self.new(), contact(address="b@example.com", wanted=False)
        await store.put(contact())
        await store.put(after)
        self.assertEqual([after], list(await store.of(BUYER)))

    async def test_what_is_removed_is_gone_and_nothing_else(self) -> None:
        store, others = await self.new(), [contact(channel=PUSH), contact(COMPANY)]
        for one in (contact(), *others):
            await store.put(one)
        await store.remove(BUYER, EMAIL)
        self.assertEqual(others, [*await store.of(BUYER), *await store.of(COMPANY)])
        await self.check_refused(store.remove(BUYER, EMAIL), NotFound)

    async def test_over_a_channel_there_may_be_several_places_each_is_one_recipients(self) -> None:
        store, here, there = await self.new(), evolve(contact(), place="here"), evolve(contact(), place="there")
        for one in (there, contact(), here):
            await store.put(one)
        self.assertEqual([contact(), here, there], list(await store.of(BUYER)))
        moved = evolve(here, recipient=COMPANY, address="b@example.com")
        await store.put(moved)
        await store.put(evolve(there, channel=PUSH, recipient=COMPANY))
        self.assertEqual([contact(), there], list(await store.of(BUYER)))
        self.assertEqual([moved, evolve(there, channel=PUSH, recipient=COMPANY)], list(await store.of(COMPANY)))

    async def test_a_place_that_is_gone_leaves_the_others(self) -> None:
        store, here, there = await self.new(), evolve(contact(), place="here"), evolve(contact(), place="there")
        for one in (contact(), here, there):
            await store.put(one)
        await self.check_refused(store.remove(COMPANY, EMAIL, "here"), NotFound)
        await store.remove(BUYER, EMAIL, "here")
        self.assertEqual([contact(), there], list(await store.of(BUYER)))
        await self.check_refused(store.remove(BUYER, EMAIL, "here"), NotFound)
        await store.remove(BUYER, EMAIL)
        self.assertEqual([there], list(await store.of(BUYER)))

    async def test_of_many_who_want_one_place_at_once_one_has_it(self) -> None:
        store, somebody = await self.new(), [Scope(customer_id=number) for number in range(1, 21)]
        _, refused = await race(store.put(evolve(contact(one), place="here")) for one in somebody)
        having = [one for one in somebody if await store.of(one)]
        self.assertEqual(([], 1), (refused, len(having)))

    async def test_so_many_places_and_what_is_more_leaves_nothing(self) -> None:
        store, three = await self.new(), [evolve(contact(), place=name) for name in "abc"]
        for one in (contact(), contact(COMPANY), evolve(contact(COMPANY), place="z"), evolve(three[0], channel=PUSH)):
            await store.put(one, at_most(3))
        for one in (*three, three[0]):
            await store.put(one, at_most(3))
        await self.check_refused(store.put(evolve(contact(), place="z"), at_most(3)), Rejected, "enough")
        self.assertEqual([contact(), *three, evolve(three[0], channel=PUSH)], list(await store.of(BUYER)))
        self.assertEqual("z", (await store.of(COMPANY))[1].place)
        await store.remove(BUYER, EMAIL, "b")
        await store.put(evolve(contact(), place="z"), at_most(3))
        self.assertEqual([contact(COMPANY)], list(await store.of(COMPANY)))

    async def test_so_many_places_however_many_come_at_once(self) -> None:
        store = await self.new()
        _, refused = await race(store.put(evolve(contact(), place=f"p{number}"), at_most(3)) for number in range(20))
        self.assertEqual((17, 3), (len(refused), len(await store.of(BUYER))))

    async def test_so_many_places_however_many_come_at_once_to_two_processes(self) -> None:
        store = await self.new()
        both = (store, await self.second(store))
        puts = (both[number % 2].put(evolve(contact(), place=f"p{number}"), at_most(3)) for number in range(20))
        _, refused = await race(puts)
        self.assertEqual((17, 3), (len(refused), len(await store.of(BUYER))))

    async def test_what_one_becomes_is_kept_and_what_its_buckets_were_taken_to(self) -> None:
        store, seen = await self.new(), list[tuple[Contact | None, Owed]]()

        def become(before: Contact | None, owed: Owed) -> tuple[Contact, Owed]:
            seen.append((before, owed))
            return evolve(contact(), pending=Pending("code", MOMENT)), {"a": MOMENT} if before is None else {}

        for one in (evolve(contact(), place="here"), contact(COMPANY), contact(channel=PUSH)):
            await store.put(one)
        asked = evolve(contact(), pending=Pending("code", MOMENT))
        self.assertEqual([asked, asked], [await store.change(BUYER, EMAIL, become, ("a", "b")) for _ in range(2)])
        self.assertEqual(asked, (await store.of(BUYER))[0])
        self.assertEqual([None, asked], [before for before, _ in seen])
        self.assertEqual({}, seen[0][1])
        self.assertEqual({"a": MOMENT}, seen[1][1])
        self.assertEqual([contact(COMPANY)], list(await store.of(COMPANY)))
        await store.put(contact())
        self.assertIn(contact(), await store.of(BUYER))

    async def test_what_is_refused_leaves_contact_and_buckets(self) -> None:
        store = await self.new()
        await store.change(BUYER, EMAIL, taking(1), ("b",))
        before = list(await store.of(BUYER))
        await self.check_refused(store.change(BUYER, EMAIL, taking(1), ("b",)), Rejected, "enough")
        await self.check_refused(store.change(COMPANY, EMAIL, taking(1), ("b",)), Rejected, "enough")
        self.assertEqual((before, []), (list(await store.of(BUYER)), list(await store.of(COMPANY))))
        await store.change(COMPANY, EMAIL, taking(2), ("b",))

    async def test_one_bucket_however_many_come_at_once_to_two_processes(self) -> None:
        store = await self.new()
        both = (store, await self.second(store))
        somebody = [Scope(customer_id=number % 4 + 1) for number in range(20)]
        changes = (both[number % 2].change(it, EMAIL, taking(3), ("b",)) for number, it in enumerate(somebody))
        _, refused = await race(changes)
        self.assertEqual(17, len(refused))

    async def test_an_address_is_forgotten_whoevers_and_nothing_else_is(self) -> None:
        store, others = (
            await self.new(),
            [contact(channel=PUSH), contact(Scope(customer_id=2), address="b@example.com")],
        )
        for one in (contact(), contact(COMPANY, address="A@Example.com", wanted=False), *others):
            await store.put(one)
        await store.put(evolve(contact(), place="here"))
        self.assertEqual(2, await store.forget(EMAIL, "a@EXAMPLE.com"))
        self.assertEqual(0, await store.forget(EMAIL, "a@example.com"))
        self.assertEqual(0, await store.forget(EMAIL, "%@example.com"))
        self.assertEqual([evolve(contact(), place="here"), others[0]], list(await store.of(BUYER)))
        self.assertEqual([[], [others[1]]], [list(await store.of(it)) for it in (COMPANY, Scope(customer_id=2))])

    async def test_a_channel_that_somebody_made_up_is_none_whatever_it_says(self) -> None:
        store = await self.new()
        await store.put(contact())
        for made_up in (
            "",
            "fax",
            "email'",
            "email' OR 'a' = 'a",
            "email' AND '1' = '1",
            'email"',
            "email\0",
            "push;--",
        ):
            asked = list[str]()
            with self.subTest(made_up):
                await self.check_refused(store.change(BUYER, made_up, _noting(asked)), NotFound)
                await self.check_refused(store.put(contact(channel=made_up)), NotFound)
                await self.check_refused(store.put(evolve(contact(channel=made_up), place="p"), at_most(3)), NotFound)
                await self.check_refused(store.remove(BUYER, made_up), NotFound)
                self.assertEqual([], asked)
        self.assertEqual([contact()], list(await store.of(BUYER)))

    async def test_of_many_at_once_one_is_kept(self) -> None:
        store, many = await self.new(), [contact(address=f"a{number}@example.com") for number in range(20)]
        _, refused = await race(store.put(one) for one in many)
        (kept,) = await store.of(BUYER)
        self.assertEqual(([], True), (refused, kept in many))

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store = await self.new()
        await store.change(BUYER, EMAIL, taking(1), ("b",))
        store = await self.restarted(store)
        self.assertEqual([evolve(contact(), pending=Pending("code", MOMENT))], list(await store.of(BUYER)))
        await self.check_refused(store.change(BUYER, EMAIL, taking(1), ("b",)), Rejected, "enough")
