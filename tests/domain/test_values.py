"""Bounds, dates and pages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myticket_core.booking.book import Book
from myticket_core.booking.wait import Wait
from myticket_core.errors import Invalid
from myticket_core.paging import Page, Paging
from myticket_core.payment.approve import Approve
from myticket_core.ticket.ports import Search
from myticket_core.ticket.register import Register
from myticket_core.values import KOREA, LARGEST, dated, in_order, korean, millis, moment, text, whole

AT = datetime(2026, 1, 1, tzinfo=UTC)
WEST, EAST = timezone(timedelta(hours=-12)), timezone(timedelta(hours=12))
DATED = {
    Register: ({"company_id": 1, "price": 1}, ("starts", "ends", "cancel_until")),
    Book: ({"ticket_id": 1, "customer_id": 1}, ("starts", "ends")),
    Wait: ({"ticket_id": 1, "customer_id": 1}, ("starts", "ends")),
    Approve: ({"booking_id": 1, "price": 1}, ("starts", "ends")),
    Search: ({}, ("from_date", "to_date")),
}


class Member:
    name = "price"


@pytest.mark.parametrize("value", [0, 1, LARGEST])
def test_whole_numbers_pass(value):
    whole()(None, Member, value)


@pytest.mark.parametrize("value", [-1, LARGEST + 1, 1.0, "1", True, None])
def test_everything_else_does_not(value):
    with pytest.raises(Invalid) as refused:
        whole()(None, Member, value)
    assert refused.value.member == "price"


def test_what_is_optional_may_be_missing():
    whole(1, optional=True)(None, Member, None)
    with pytest.raises(Invalid):
        whole(1, optional=True)(None, Member, 0)


@pytest.mark.parametrize(
    "value, good", [(None, True), ("", True), (" ", True), ("서울 1", True), ("abcd", True), ("abcde", False)]
)
def test_texts_have_a_length(value, good):
    check = text(4)
    if good:
        check(None, Member, value)
    else:
        with pytest.raises(Invalid):
            check(None, Member, value)


@pytest.mark.parametrize(
    "value", ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"]
)
def test_what_joins_or_parts_letters_is_text(value):
    text(100)(None, Member, value)


@pytest.mark.parametrize(
    "value",
    [
        "\u3164",
        "\u115f\u1160",
        "\uffa0 \u2800",
        "\u200d",
        "\ufe0f",
        "\u034f",
        "\u3164\ufe0f",
        "\U0001d159",
        "\U000e0100",
    ],
)
def test_what_shows_nothing_is_no_text(value):
    for around in ("a", "\uac00"):
        text(100)(None, Member, value + around)
    with pytest.raises(Invalid):
        text(100)(None, Member, value)


@pytest.mark.parametrize("value", ["a\n", "\0", "\x7f", "\u202e", "\ud800", 5, b"a", ["a"]])
def test_texts_are_printable(value):
    with pytest.raises(Invalid):
        text(100)(None, Member, value)


@pytest.mark.parametrize("value", [None, AT, AT.astimezone(EAST), datetime.max.replace(tzinfo=EAST)])
def test_dates_say_when(value):
    dated(None, Member, value)


@pytest.mark.parametrize(
    "value",
    [
        AT.replace(tzinfo=None),
        AT.date(),
        "2026-01-01",
        0,
        datetime.max.replace(tzinfo=WEST),
        datetime.min.replace(tzinfo=EAST),
    ],
)
def test_what_may_be_any_moment_or_none_of_the_calendar_is_no_date(value):
    with pytest.raises(Invalid) as refused:
        dated(None, Member, value)
    assert refused.value.member == "price"


@pytest.mark.parametrize("asked, member", [(kind, member) for kind, (_, dates) in DATED.items() for member in dates])
def test_a_date_without_its_offset_is_refused_before_anything_happens(asked, member):
    others = DATED[asked][0]
    asked(**others, **{member: AT})
    with pytest.raises(Invalid) as refused:
        asked(**others, **{member: AT.replace(tzinfo=None)})
    assert refused.value.member == member


def test_a_period_ends_after_it_starts():
    for starts, ends in ((None, None), (AT, None), (None, AT), (AT, AT), (AT, AT + timedelta(1))):
        in_order(starts, ends)
    with pytest.raises(Invalid):
        in_order(AT, AT - timedelta(microseconds=1))


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))  # noqa: DTZ001
def test_moments_round_trip_to_the_millisecond(naive):
    at = naive.replace(tzinfo=UTC)
    assert abs(moment(millis(at)) - at) < timedelta(milliseconds=1)
    assert millis(at.astimezone(timezone(timedelta(hours=9)))) == millis(at)


def test_no_moment_is_no_moment():
    assert millis(None) is None
    assert moment(None) is None


@pytest.mark.parametrize(
    "wrong", [{"number": -1}, {"number": 2**31}, {"number": "1"}, {"size": 0}, {"size": 1001}, {"size": 2.5}]
)
def test_pages_are_bounded(wrong):
    with pytest.raises(Invalid):
        Paging(**wrong)


@pytest.mark.parametrize("total, pages", [(0, 0), (1, 1), (20, 1), (21, 2)])
def test_pages_are_counted(total, pages):
    assert Page([], total, Paging()).pages == pages


def test_the_last_hours_that_a_date_may_have_are_shown_by_koreas_clocks_too():
    for at in (datetime.min, datetime(9999, 12, 31, 14, 59), datetime(9999, 12, 31, 15), datetime.max):  # noqa: DTZ001, DTZ901
        shown = korean(at.replace(tzinfo=UTC))
        assert shown.tzinfo == KOREA
        assert shown == min(at.replace(tzinfo=UTC), datetime.max.replace(tzinfo=KOREA))
