"""Lists and searches: the same answers as from memory, and by an index wherever there may be many rows."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing

import pytest

from adapters.persistence import (
    bookings,
    changes,
    contacts,
    documents,
    listing,
    log_tail,
    migrate,
    notifications,
    pages,
    past,
    payments,
    searching,
    titles,
)
from adapters.persistence import outbox as outboxes
from adapters.persistence import sales as selling
from adapters.persistence import tickets as ticketing
from adapters.persistence.loading import _HEARD, _KEPT
from adapters.persistence.sqlite import Sqlite
from adapters.persistence.statements import prepared
from myticket_core.errors import Invalid
from myticket_core.paging import Order, Paging
from myticket_core.ticket.ports import Search
from tests.services.stores import opened, url_of
from tests.services.tickets_twice import PARTS, SEARCHES, both, compared


@pytest.fixture
async def twice(tmp_path):
    async with opened(tmp_path, "ticket") as db:
        yield await both(db)


BEYOND = (searching.BEYOND, 3, 0)
"""Few are found by what narrows, many by their order, and the many begin where counting ends."""


async def test_every_order_is_that_of_memory(twice, monkeypatch):
    for beyond, paging in itertools.product(BEYOND, PARTS):
        monkeypatch.setattr(searching, "BEYOND", beyond)
        await compared(*twice, Search(), paging, beyond)


async def test_every_narrowing_is_that_of_memory(twice, monkeypatch):
    for beyond, search, size in itertools.product(BEYOND, SEARCHES, (100, 5, 1)):
        monkeypatch.setattr(searching, "BEYOND", beyond)
        await compared(*twice, search, Paging(size=size), beyond)


async def test_a_sort_that_is_not_known_says_which_are(twice):
    with pytest.raises(Invalid, match="id, price, name, company_id, starts, ends"):
        await twice[0].search(Search(), Paging(order=(Order("folded"),)))


MANY = ("keys", "along", "tickets", "customers")


def of(listed: listing.Listing, *given: str, order: tuple[Order, ...] = ()):
    return listing._statements(listed, frozenset(given), order)[0]


PLANS = {
    "keys": ("book", _KEPT),
    "inbox": ("book", _HEARD),
    "bookings and their sales": ("book", selling.KIND.load),
    "bookings": ("book", bookings.KIND.load),
    "a booking": ("book", bookings.KIND.one),
    "a customer's bookings": ("book", of(bookings._LISTED, "customer_id")),
    "a company's bookings": ("book", of(bookings._LISTED, "company_id")),
    "all bookings": ("book", of(bookings._LISTED)),
    "lapsed": ("book", bookings._LAPSED),
    "pending": ("book", bookings._MADE_BEFORE),
    "live": ("book", bookings._LIVE),
    "how many a customer holds": ("book", bookings.KIND.count),
    "a toll": ("book", bookings._TOLL),
    **{f"what is {it}": ("book", of(listed, "ticket_id")) for it, listed in bookings._OUTCOMES.items()},
    "campaigns": ("book", selling._CAMPAIGNS),
    "unpublished": ("book", outboxes._PENDING),
    "publishing": ("book", outboxes._PUBLISHED),
    "a payment": ("pay", payments._BY_ID),
    "a booking's payment": ("pay", payments.KIND.one),
    "a customer's payments": ("pay", of(payments._LISTED, "customer_id")),
    "a company's payments": ("pay", of(payments._LISTED, "company_id")),
    "unsettled": ("pay", payments._UNSETTLED),
    "due": ("alarm", notifications._DUE),
    "a customer's notifications": ("alarm", of(notifications._LISTED, "customer_id")),
    "a company's read ones": ("alarm", of(notifications._LISTED, "company_id", "read")),
    "what somebody has not read": ("alarm", of(notifications._UNREAD_LISTED, "recipient")),
    "what waits for others": ("alarm", notifications._UNTOUCHED),
    "how many a customer has not read": ("alarm", notifications._UNREAD_OF),
    "given up": ("alarm", notifications._sought(notifications.Status.GIVEN_UP, frozenset({"channel", "before"}))),
    "an address": ("alarm", contacts._NAMELESS["email"].load),
    "whose buckets are full": ("alarm", past.FULL_BUCKETS.old),
    "a place": ("alarm", contacts._PLACES["push"].load),
    "how many places somebody has": ("alarm", contacts._PLACES["push"].count),
    "what tickets are called": ("alarm", titles._NAMED),
    "what a ticket was called": ("alarm", titles.KIND.load),
    "a customer's pages": ("mypage", of(pages._BOOKINGS, "customer_id")),
    "a customer's pages of a ticket": ("mypage", of(pages._BOOKINGS, "customer_id", "ticket_id")),
    "a company's pages": ("mypage", of(pages._BOOKINGS, "company_id")),
    "a company's pages of a ticket": ("mypage", of(pages._BOOKINGS, "company_id", "ticket_id")),
    "a ticket's pages": ("mypage", of(pages._BOOKINGS, "ticket_id")),
    "what has changed for customers": ("mypage", changes._CUSTOMERS[False]),
    "a company's tickets": ("mypage", of(pages._TICKETS, "company_id")),
    "the sums of tickets": ("mypage", pages._SUMS),
    "pages": ("mypage", documents.NUMBERED[1].bookings.load),
    "records": ("log", log_tail._READ),
    "tickets by price": ("ticket", searching._walked(ticketing._SEARCHED, frozenset(), (Order("price"),))),
    "a company's tickets on sale": ("ticket", searching._gathered(ticketing._SEARCHED, frozenset({"company_id"}), ())),
    "how many these are": ("ticket", searching._count(ticketing._SEARCHED, frozenset({"company_id"}))),
}


def planned(folder, service, statement):
    migrate(url_of(folder, service), service)
    found = prepared(statement, Sqlite.dialect)
    values = ["[]" if name in MANY else 1 for name in found.names]
    with closing(sqlite3.connect(folder / f"{service}.sqlite")) as file:
        return [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {found.sql}", values)]


@pytest.mark.parametrize("what", PLANS)
def test_no_table_is_read_from_end_to_end(tmp_path, what):
    service, statement = PLANS[what]
    plan = planned(tmp_path, service, statement)
    by_index = (
        "USING INDEX",
        "USING COVERING INDEX",
        "USING PRIMARY KEY",
        "VIRTUAL TABLE",
        "SCAN live_view",
        "SCAN found",
    )
    all_of_it = {"all bookings": ["SCAN bookings"]}.get(what, [])
    scans = [step for step in plan if "SCAN" in step and not any(how in step for how in by_index)]
    assert scans == all_of_it, plan


NARROWED = {
    "a customer's notifications": "INDEX notifications_by_customer (customer_id=?)",
    "a company's read ones": "INDEX notifications_by_company (company_id=?)",
    "what somebody has not read": "INDEX notifications_unread_by_recipient (recipient=?)",
    "how many places somebody has": "COVERING INDEX places_by_recipient (recipient=? AND channel=?)",
    "a customer's pages": "INDEX booking_pages_by_customer (view=? AND customer_id=?)",
    "a customer's pages of a ticket": "INDEX booking_pages_by_customer (view=? AND customer_id=?)",
    "a company's pages": "INDEX booking_pages_by_company (view=? AND company_id=?)",
    "a company's pages of a ticket": "INDEX booking_pages_by_ticket (view=? AND ticket_id=?)",
    "a company's tickets": "INDEX ticket_pages_by_company (view=? AND company_id=?)",
    "the sums of tickets": "COVERING INDEX booking_pages_by_ticket (view=? AND ticket_id=?)",
    "what has changed for customers": "INDEX booking_pages_changed (view=? AND changed>? AND changed<?)",
}
"""By what SQLite finds somebody's: it knows of pages only what their migration says of them."""


@pytest.mark.parametrize("what", NARROWED)
def test_somebodys_are_found_without_a_look_at_others_and_in_their_order(tmp_path, what):
    first, *rest = planned(tmp_path, *PLANS[what])
    assert first.endswith(f" USING {NARROWED[what]}")
    assert not [step for step in rest if "TEMP B-TREE" in step]
