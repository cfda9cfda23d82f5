"""What every way of answering GET /tickets/{id}, or of not answering, means for a ticket booking has not heard of."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from adapters.rest.client_catalog import HttpCatalog
from myticket_core.booking.terms import Terms
from myticket_core.errors import NotFound, Unavailable
from tests.services.http_stub import breaks, dripping, endless, says, silent, stub

OURS = {
    "id": 7,
    "companyId": 1,
    "name": "서울",
    "price": 15000,
    "capacity": 3,
    "startDate": None,
    "endDate": "2027-01-27T18:25:43.511+0000",
    "status": "ON_SALE",
    "available": True,
    "version": 4,
}
ENDS = datetime(2027, 1, 27, 18, 25, 43, 511000, UTC)
FULL = Terms(company_id=1, price=15000, capacity=3, name="서울", ends=ENDS, version=4)
UNPRICED = Terms(company_id=None, price=None, capacity=None)
LATE = 3.0

ANSWERS = {
    "ours": (says(200, OURS), FULL),
    "an original": (says(200, {"price": 15000, "_links": {}}), Terms(company_id=None, price=15000, capacity=None)),
    "an original without a price": (says(200, {"price": None}), UNPRICED),
    "an original with less than no price": (says(200, {"price": -1}), UNPRICED),
    "an original with a price beyond all bounds": (says(200, {"price": 2**70}), UNPRICED),
    "an answer after a broken one": (None, FULL),
}
FAILURES = {
    "none": (says(404, {"code": "not_found"}), NotFound),
    "none, at an original": (says(404), NotFound),
    "none, says who is no ticket service": (says(404, b"<html>"), Unavailable),
    "none, says an original of another path": (says(404, {"status": 404, "error": "Not Found"}), Unavailable),
    "a page": (says(200, b"<html>"), Unavailable),
    "an array": (says(200, [OURS]), Unavailable),
    "a date nobody has": (says(200, OURS | {"endDate": "soon"}), Unavailable),
    "a capacity below none": (says(200, OURS | {"capacity": -1}), Unavailable),
    "no content": (says(204), Unavailable),
    "moved": (says(301, OURS, Location="/elsewhere"), Unavailable),
    "not for us": (says(401), Unavailable),
    "broken": (says(500), Unavailable),
    "gone": (breaks(), Unavailable),
    "silent": (silent, Unavailable),
    "a byte at a time": (dripping, Unavailable),
    "without end": (endless, Unavailable),
}


async def test_what_is_wrong_is_in_the_log_once_until_it_answers():
    async with stub(says(401), says(500), says(404), says(200, OURS), says(503)) as tickets:
        catalog = HttpCatalog(tickets.url)
        with capture_logs() as lines:
            for _ in range(5):
                with suppress(Unavailable, NotFound):
                    await catalog.terms(7)
        await catalog.close()
    assert [line["event"] for line in lines] == ["no ticket can be asked for: check API_URL_TICKET"] * 2
    assert ["401" in lines[0]["why"], "503" in lines[1]["why"]] == [True, True]


async def _asked(*acts):
    async with stub(*acts) as tickets:
        catalog = HttpCatalog(tickets.url)
        try:
            return await catalog.terms(7), tickets.asked
        finally:
            await catalog.close()


@pytest.mark.parametrize("act, terms", ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_is_the_terms(act, terms):
    acts = (act,) if act else (breaks(), says(500), says(200, OURS))
    said, asked = await _asked(*acts)
    assert said == terms
    assert len(asked) == len(acts)


@pytest.mark.parametrize("act, error", FAILURES.values(), ids=FAILURES)
async def test_anything_else_is_not(act, error):
    began = monotonic()
    with pytest.raises(error):
        await _asked(act)
    assert monotonic() - began < LATE


async def test_when_to_come_back_is_told():
    with pytest.raises(Unavailable) as later:
        await _asked(says(503, Retry_After="9"))
    assert later.value.retry_after == timedelta(seconds=9)


async def test_it_asks_in_the_case_of_who_asked():
    with bound_contextvars(correlation_id="case-1"):
        _, asked = await _asked(says(200, OURS))
    assert asked[0].line == "GET /tickets/7 HTTP/1.1"
    assert asked[0].headers["x-correlation-id"] == "case-1"
    assert "authorization" not in asked[0].headers
    _, asked = await _asked(says(200, OURS))
    assert "x-correlation-id" not in asked[0].headers
