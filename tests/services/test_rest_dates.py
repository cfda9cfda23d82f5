"""Dates as recorded (FORMATS, point 13)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.dates import read_date, written_millis
from myticket_core.errors import Invalid
from myticket_core.values import written


@pytest.mark.parametrize(
    "sent, answered",
    [
        ("2012-04-23T18:25:43.511+0000", "2012-04-23T18:25:43.511+0000"),
        ("2012-04-23T18:25:43Z", "2012-04-23T18:25:43.000+0000"),
        ("2012-04-23T18:25:43.511Z", "2012-04-23T18:25:43.511+0000"),
        ("2012-04-23t18:25:43.511z", "2012-04-23T18:25:43.511+0000"),
        ("2012-04-23T18:25:43.511+00:00", "2012-04-23T18:25:43.511+0000"),
        ("2012-04-23T18:25:43.511+0900", "2012-04-23T09:25:43.511+0000"),
        ("2012-04-23T18:25:43.511-03", "2012-04-23T21:25:43.511+0000"),
        (1335205543511, "2012-04-23T18:25:43.511+0000"),
        ("1335205543511", "2012-04-23T18:25:43.511+0000"),
        (1335205543511.0, "2012-04-23T18:25:43.511+0000"),
        (-1, "1969-12-31T23:59:59.999+0000"),
        ("2012-04-23", "2012-04-23T00:00:00.000+0000"),
        ("2012-04-23T18:25:43", "2012-04-23T18:25:43.000+0000"),
        ("2012-04-23T18:25", "2012-04-23T18:25:00.000+0000"),
        ("2012-04-23T18:25:43.5119999Z", "2012-04-23T18:25:43.511+0000"),
        ("0001-01-01", "0001-01-01T00:00:00.000+0000"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999+0000"),
    ],
)
def test_every_form_is_read(sent: Any, answered: str) -> None:
    at = read_date("startDate", sent)
    assert at is not None
    assert written(at) == answered


@pytest.mark.parametrize("sent", [None, ""])
def test_nothing_is_null(sent: Any) -> None:
    assert read_date("startDate", sent) is None


@pytest.mark.parametrize(
    "sent",
    ["yesterday", "2012-13-01", "2012-02-30", "2012-04-23T24:01", "2012-04-23T18:25:60", "2012-W17-1", "20120423T1825",
     "2012-04-23 18:25", "2012-04-23T18:25:43+99:00", "0000-01-01", "0001-01-01T00:00+0100", "9999-12-31T23:59-0100",
     " 2012-04-23", "２０１２-04-23", 10**15, -(10**15), 10**400, 1.5, 1e300, float("inf"), float("nan"),
     True, [], {}, "1" * 16],
    ids=range(25),
)  # fmt: skip
def test_what_is_no_date_is_refused_by_name(sent: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read_date("startDate", sent)
    assert refused.value.member == "startDate"


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_as_the_same_moment(at: datetime) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert read_date("startDate", written(at)) == at


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary().map(repr)))
def test_anything_is_read_or_refused(sent: Any) -> None:
    with suppress(Invalid):
        at = read_date("startDate", sent)
        assert at is None or at.tzinfo is UTC


def test_a_date_beyond_the_calendar_in_an_event_is_left_out() -> None:
    assert written_millis(10**18) is None
    assert written_millis(None) is None
