"""Searching tickets: every filter, and the order of what is found."""

from __future__ import annotations

from datetime import timedelta
from unicodedata import normalize

from myticket_core.conformance.base import Conformance
from myticket_core.conformance.builders import NOW, cause
from myticket_core.conformance.ticket_store import TicketStore, added, deleted, register, repriced
from myticket_core.paging import Order, Paging
from myticket_core.ticket.model import Ticket
from myticket_core.ticket.ports import Search

DAY = timedelta(days=1)


class Searching(Conformance[TicketStore]):
    async def found(self, store: TicketStore, search: Search) -> list[str | None]:
        page = await store.tickets.search(search, Paging(size=1000))
        self.assertEqual(len(page.items), page.total)
        return [ticket.name for ticket in page.items]

    async def named(self, *names: str) -> TicketStore:
        store = await self.new()
        for name in names:
            await added(store, register(name=name))
        return store

    async def test_nothing_is_found_in_nothing(self) -> None:
        page = await (await self.new()).tickets.search(Search(), Paging())
        self.assertEqual(([], 0), (list(page.items), page.total))

    async def test_by_part_of_the_name_whatever_the_case(self) -> None:
        store = await self.named("Jazz Night", "Été à Paris", "재즈의 밤")
        await added(store, register(name=None))
        for text, name in (("jAZZ", "Jazz Night"), ("ÉTÉ", "Été à Paris"), ("재즈", "재즈의 밤")):
            self.assertEqual([name], await self.found(store, Search(text=text)))
        self.assertEqual([], await self.found(store, Search(text="rock")))

    async def test_a_letter_that_has_no_other_case_of_its_own_is_found_by_what_stands_for_it(self) -> None:
        store = await self.named("Große Straße", "GROSSE STRASSE", "ΣΊΣΥΦΟΣ")
        for text in ("STRASSE", "straße", "sse st"):
            self.assertEqual(["Große Straße", "GROSSE STRASSE"], await self.found(store, Search(text=text)))
        self.assertEqual(["ΣΊΣΥΦΟΣ"], await self.found(store, Search(text="σίσυφος")))

    async def test_whether_syllables_and_accented_letters_were_typed_whole_or_in_parts(self) -> None:
        names = "봄 콘서트", normalize("NFD", "가을 콘서트"), "Café", normalize("NFD", "café noir")
        store = await self.named(*names)
        for text, which in (("콘서트", names[:2]), ("가을", names[1:2]), ("CAFÉ", names[2:]), ("é n", names[3:])):
            for form in ("NFC", "NFD"):
                with self.subTest(text=text, form=form):
                    self.assertEqual([*which], await self.found(store, Search(text=normalize(form, text))))
        self.assertEqual([], await self.found(store, Search(text="코")), "the beginning of a syllable is none")

    async def test_by_one_or_two_characters_wherever_they_stand(self) -> None:
        store = await self.named("재즈의 밤", "밤", "a b", "ab", "🎷🎺")
        for text, names in (
            ("밤", ["재즈의 밤", "밤"]), ("즈", ["재즈의 밤"]), ("의 ", ["재즈의 밤"]), (" 밤", ["재즈의 밤"]),
            ("B", ["a b", "ab"]), (" ", ["재즈의 밤", "a b"]), ("ab", ["ab"]), ("🎺", ["🎷🎺"]), ("🎷🎺", ["🎷🎺"]),
        ):  # fmt: skip
            with self.subTest(text=text):
                self.assertEqual(names, await self.found(store, Search(text=text)))

    async def test_all_of_the_text_in_its_order(self) -> None:
        """What has its letters, or any two of them that follow each other, need not have the text."""
        store = await self.named("banana", "anan", "nab", "aaa", "aab baa")
        for text, names in (("nana", ["banana"]), ("anab", []), ("aaaa", []), ("ana", ["banana", "anan"])):
            self.assertEqual(names, await self.found(store, Search(text=text)))
        self.assertEqual(["aaa"], await self.found(store, Search(text="aaa")))

    async def test_a_text_means_itself(self) -> None:
        store = await self.named("100% fun", "100 fun", "a_b", "a-b", "back\\slash", "it's", "no!", "{a,b}", "?*[a]")
        for text, names in (("0%", ["100% fun"]), ("a_b", ["a_b"]), ("\\", ["back\\slash"]), ("'", ["it's"]),
                            ("%", ["100% fun"]), ("_", ["a_b"]), ("!", ["no!"]), ("o!", ["no!"]), ("a,b}", ["{a,b}"]),
                            ("!%", []), ("?*", ["?*[a]"]), ("[a]", ["?*[a]"])):  # fmt: skip
            with self.subTest(text=text):
                self.assertEqual(names, await self.found(store, Search(text=text)))

    async def test_by_company_and_price_bounds_included(self) -> None:
        store = await self.new()
        for company, price in ((1, 10), (1, 20), (2, 20), (1, 30)):
            await added(store, register(company, price, f"{company}/{price}"))
        self.assertEqual(["2/20"], await self.found(store, Search(company_id=2)))
        self.assertEqual(["1/20", "2/20", "1/30"], await self.found(store, Search(price_from=20)))
        self.assertEqual(["1/10", "1/20", "2/20"], await self.found(store, Search(price_to=20)))
        self.assertEqual(["1/20"], await self.found(store, Search(company_id=1, price_from=11, price_to=29)))

    async def test_by_the_period_it_touches(self) -> None:
        """A ticket without a date is there from, or until, for ever."""
        store = await self.new()
        periods = {"early": (NOW, NOW + DAY), "late": (NOW + 3 * DAY, NOW + 4 * DAY), "open": (NOW + 3 * DAY, None)}
        for name, (starts, ends) in {**periods, "always": (None, None)}.items():
            await added(store, register(name=name, starts=starts, ends=ends))
        for search, names in (
            (Search(to_date=NOW), ["early", "always"]),
            (Search(from_date=NOW + DAY), ["early", "late", "open", "always"]),
            (Search(from_date=NOW + 2 * DAY), ["late", "open", "always"]),
            (Search(from_date=NOW + 2 * DAY, to_date=NOW + 2 * DAY), ["always"]),
            (Search(from_date=NOW + 5 * DAY), ["open", "always"]),
        ):
            with self.subTest(search=search):
                self.assertEqual(names, await self.found(store, search))

    async def test_only_what_is_available_when_asked_so(self) -> None:
        store = await self.named("left", "sold out")
        sold_out = (await store.tickets.search(Search(text="sold"), Paging())).items[0]
        stocked = await store.tickets.change(sold_out.id, lambda ticket: ticket.stocked(False, 1), cause())
        self.assertEqual(["left"], await self.found(store, Search(only_available=True)))
        self.assertEqual(["left", "sold out"], await self.found(store, Search()))
        self.assertEqual(stocked, await store.tickets.get(sold_out.id))

    async def test_what_has_changed_is_found_as_it_is_now(self) -> None:
        store = await self.new()
        ticket, gone = await added(store, register(name="a")), await added(store, register(name="b"))
        await store.tickets.change(ticket.id, repriced(77), cause())
        await store.tickets.change(gone.id, deleted, cause())
        self.assertEqual(["a"], await self.found(store, Search(price_from=77, price_to=77)))
        self.assertEqual(["a"], await self.found(store, Search()))

    async def test_pages_never_overlap_however_sorted(self) -> None:
        store = await self.new()
        for number in range(10):
            starts = NOW + (number % 2) * DAY if number % 5 else None
            name = "abc"[number % 3] if number != 4 else None
            await added(store, register(number % 2 + 1, number % 4, name, starts=starts, ends=starts and starts + DAY))
        sortable = ("id", "price", "name", "company_id", "starts", "ends")
        await self.check_lists(lambda paging: store.tickets.search(Search(), paging), sortable)

    async def test_a_second_order_settles_what_the_first_leaves_open(self) -> None:
        store = await self.new()
        for company, price in ((2, 5), (1, 5), (1, 9), (2, 7)):
            await added(store, register(company, price))
        orders = (Order("company_id"), Order("price", descending=True))
        page = await store.tickets.search(Search(), Paging(order=orders))
        self.assertEqual([(1, 9), (1, 5), (2, 7), (2, 5)], [_terms(ticket) for ticket in page.items])


def _terms(ticket: Ticket) -> tuple[int, int]:
    return ticket.company_id, ticket.price
