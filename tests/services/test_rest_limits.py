"""Who asks too often waits; nobody else does."""

from __future__ import annotations

import math
from collections import OrderedDict
from fractions import Fraction
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest import Buckets, Limits, Senders, TrustedMesh
from adapters.rest.limits import FREE, WINDOW
from adapters.rest.problems import Problem
from apps.environment import load
from apps.limiting import PER_ADDRESS, PER_PRINCIPAL, limits
from tests.services.rest_world import World

TICK = Fraction(1, 1024)
"""Times and rates are such that floating point says them exactly."""


class Time:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class Model:
    """A token bucket as books have it: tokens that trickle in; of the keys the latest few are remembered."""

    def __init__(self, rate: int, most: int) -> None:
        self.rate, self.most, self.full = rate, most, Fraction(rate * WINDOW)
        self.kept: OrderedDict[str, tuple[Fraction, Fraction]] = OrderedDict()

    def tokens(self, key: str, now: Fraction) -> Fraction:
        left, at = self.kept.get(key, (self.full, now))
        return min(self.full, left + (now - at) * self.rate)

    def take(self, key: str, now: Fraction) -> bool:
        left = self.tokens(key, now)
        if left < 1:
            return False
        self.kept[key] = (left - 1, now)
        self.kept.move_to_end(key)
        if len(self.kept) > self.most:
            self.kept.popitem(last=False)
        return True

    def give_back(self, key: str, now: Fraction) -> None:
        if key in self.kept:
            self.kept[key] = (min(self.full, self.tokens(key, now) + 1), now)


STEPS = st.lists(
    st.tuples(st.sampled_from("ttttg"), st.sampled_from("abcd"), st.integers(0, 3 * 1024), st.integers(1, 40)),
    max_size=60,
)


@given(rate=st.sampled_from((1, 2, 4, 8)), most=st.integers(1, 4), steps=STEPS)
def test_it_is_a_token_bucket_of_each_of_the_latest_keys(rate: int, most: int, steps: list[Any]) -> None:
    time, model = Time(), Model(rate, most)
    buckets = Buckets("it", rate, time, most)
    for step, key, ticks, times in steps:
        time.at += float(ticks * TICK)
        now = Fraction(time.at)
        for _ in range(times):
            if step == "g":
                buckets.give_back(key)
                model.give_back(key, now)
                continue
            before = model.tokens(key, now)
            owed = buckets.take(key)
            assert buckets.refused(owed) is not model.take(key, now)
            if buckets.refused(owed):
                wait = Fraction(owed) - WINDOW  # after so long there is one, and not before
                assert before + wait * rate == 1
                continue
            left = before - 1
            said = f'"it";r={math.floor(left)};t={math.ceil((model.full - left) / rate)}'
            assert dict(buckets.marks(owed))[b"ratelimit"].decode() == said
        assert len(buckets._full_at) <= most


@pytest.mark.parametrize("rate", [1, 3, 7, 100, 1_000_000])
def test_a_full_bucket_has_exactly_what_the_policy_says(rate: int) -> None:
    buckets = Buckets("it", rate, Time())
    some = min(rate * WINDOW, 5000)
    assert not any(buckets.refused(buckets.take("a")) for _ in range(some))
    if some == rate * WINDOW:
        assert buckets.refused(buckets.take("a"))


def test_many_addresses_take_no_more_memory_than_there_is_for_them() -> None:
    buckets = Buckets("address", 1, Time(), most=100)
    for number in range(10_000):
        buckets.take(f"203.0.{number}")
    assert len(buckets._full_at) == 100


def world(principals: int = 0, addresses: int = 0, senders: Senders | None = None, **more: Any) -> tuple[World, Time]:
    time = Time()
    found = Limits(
        Buckets("principal", principals, time) if principals else None,
        Buckets("address", addresses, time) if addresses else None,
        senders or Senders(),
    )
    return World(limits=found, **more), time


def at(world: World, address: str) -> None:
    """From now on asked from there."""
    world.client = httpx.AsyncClient(
        transport=httpx.ASGITransport(world.app, client=(address, 4711)), base_url="http://caller.example"
    )


async def statuses(world: World, times: int, who: str | None, path: str = "/tickets", **more: Any) -> list[int]:
    return [(await world.ask(who, "GET", path, **more)).status_code for _ in range(times)]


async def test_who_asks_too_often_is_told_when_to_come_back_and_nothing_happens() -> None:
    here, time = world(principals=1)
    ticket = await here.ticket(capacity=3)
    assert await statuses(here, WINDOW, "customer 1") == [200] * WINDOW
    answer = await here.ask("customer 1", "POST", "/books", {"ticketId": ticket}, headers={"X-Correlation-Id": "c"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["correlationId"], answer.headers["X-Correlation-Id"]) == ("c", "c")
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["RateLimit-Policy"] == '"principal";q=10;w=10'
    assert answer.headers["RateLimit"] == '"principal";r=0;t=10'
    assert here.dbs["book"].bookings == {}
    time.at += 1
    assert (await here.ask("customer 1", "POST", "/books", {"ticketId": ticket})).status_code == 201


async def test_answers_say_what_is_left() -> None:
    here, _ = world(principals=2)
    for left in (19, 18):
        answer = await here.ask("customer 1", "GET", "/books")
        assert answer.headers["RateLimit"] == f'"principal";r={left};t=1'
        assert answer.headers["RateLimit-Policy"] == '"principal";q=20;w=10'
    refused = await here.ask("customer 1", "GET", "/payments/0")
    assert (refused.status_code, refused.headers["RateLimit"]) == (400, '"principal";r=17;t=2')
    assert "RateLimit" not in (await here.ask(None, "GET", "/tickets")).headers


async def test_each_principal_has_its_own_whatever_token_they_show() -> None:
    here, _ = world(principals=1)
    assert await statuses(here, WINDOW + 1, "customer 1") == [200] * WINDOW + [429]
    assert await statuses(here, 1, "customer 2") == [200]
    here.clock.time = here.clock.time.replace(second=30)  # the next token is another one
    assert await statuses(here, 1, "customer 1") == [429]


async def test_what_a_role_may_not_do_counts_too() -> None:
    here, _ = world(principals=1)
    assert await statuses(here, WINDOW + 1, "customer 1", "/guestManagementPages") == [403] * WINDOW + [429]


async def test_bad_tokens_and_unknown_paths_are_limited_by_address_and_no_other_address_is() -> None:
    here, _ = world(addresses=1)
    at(here, "203.0.113.7")
    bad = {"Authorization": "Bearer x.y.z"}
    assert await statuses(here, 5, None, "/books", headers=bad) == [401] * 5
    assert await statuses(here, 5, None, "/nothing") == [404] * 5
    answer = await here.ask("customer 1", "GET", "/tickets", headers={"X-Correlation-Id": "c"})
    assert (answer.status_code, answer.json()["correlationId"], answer.json()["path"]) == (429, "c", "/tickets")
    assert answer.headers["RateLimit-Policy"] == '"address";q=10;w=10'
    assert (await here.ask(None, "HEAD", "/tickets")).content == b""
    at(here, "203.0.113.8")
    assert await statuses(here, 1, "customer 1") == [200]


async def test_no_key_is_asked_for_a_token_from_an_address_that_asks_too_often() -> None:
    asked = list[str | None]()

    class Watched(TrustedMesh):
        async def principal(self, authorization: str | None) -> Any:
            asked.append(authorization)
            return await super().principal(authorization)

    here, _ = world(addresses=1, tokens=Watched())
    assert await statuses(here, WINDOW + 2, None) == [200] * WINDOW + [429, 429]
    assert len(asked) == WINDOW


async def test_probes_are_always_answered() -> None:
    here, _ = world(addresses=1)
    assert (await statuses(here, WINDOW + 1, None))[-1] == 429
    for path in FREE:
        assert await statuses(here, 3, None, path) == [200] * 3


async def test_a_service_asks_in_its_own_name_as_often_as_it_likes() -> None:
    here, _ = world(principals=1, addresses=1)
    assert await statuses(here, 5 * WINDOW, "service", "/payments") == [200] * 5 * WINDOW
    assert await statuses(here, WINDOW + 1, None) == [200] * WINDOW + [429]


async def test_refusals_are_in_the_figures() -> None:
    here, _ = world(addresses=1)
    await statuses(here, WINDOW + 2, None)
    figures = (await here.ask(None, "GET", "/metrics")).text
    assert 'myticket_http_request_seconds_count{method="GET",route="unmatched",status="429"} 2.0' in figures


def sender(senders: Senders, peer: str | None, *headers: tuple[str, str]) -> str:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return senders.of({"client": peer and (peer, 4711), "headers": raw})


PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))
XFF, FORWARDED = "x-forwarded-for", "forwarded"


@pytest.mark.parametrize(
    "peer, headers, found",
    [
        ("198.51.100.9", [], "198.51.100.9"),
        ("198.51.100.9", [(XFF, "192.0.2.1")], "198.51.100.9"),  # it is nobody's proxy
        ("10.1.2.3", [(XFF, "192.0.2.1")], "192.0.2.1"),
        ("10.1.2.3", [(XFF, "192.0.2.66, 192.0.2.1")], "192.0.2.1"),  # what a caller made up stands before it
        ("10.1.2.3", [(XFF, "192.0.2.66"), (XFF, "192.0.2.1,10.9.9.9")], "192.0.2.1"),
        ("10.1.2.3", [(XFF, "192.0.2.1:4711")], "192.0.2.1"),
        ("10.1.2.3", [(XFF, "[2001:db8::1]:4711")], "2001:db8::/64"),
        ("2001:db8:1::5", [(XFF, "2001:db8:0:1::1")], "2001:db8:0:1::/64"),
        ("10.1.2.3", [(FORWARDED, "for=192.0.2.1")], "nowhere"),  # not the header that the proxies write
        ("10.1.2.3", [(XFF, "unknown")], "nowhere"),
        ("10.1.2.3", [(XFF, "")], "nowhere"),
        ("10.1.2.3", [], "nowhere"),
        ("10.1.2.3", [(XFF, "10.4.4.4")], "nowhere"),
        ("::ffff:10.1.2.3", [(XFF, "192.0.2.1")], "192.0.2.1"),
        ("::ffff:198.51.100.9", [], "198.51.100.9"),
        ("2001:db8:7:8:9:a:b:c", [], "2001:db8:7:8::/64"),
        (None, [], "nowhere"),
    ],
)
def test_the_sender_is_who_the_proxies_say(peer: str, headers: list[tuple[str, str]], found: str) -> None:
    assert sender(Senders(PROXIES), peer, *headers) == found


@pytest.mark.parametrize(
    "said, found",
    [
        ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
        ('for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::/64"),
        ("for=192.0.2.66, For=192.0.2.60, for=10.0.0.1", "192.0.2.60"),
        ("for=_hidden", "nowhere"),
        ("proto=http", "nowhere"),
    ],
)
def test_the_other_header_says_it_in_its_own_way(said: str, found: str) -> None:
    senders = Senders(PROXIES, b"forwarded")
    assert sender(senders, "10.0.0.1", (FORWARDED, said), (XFF, "192.0.2.99")) == found


async def test_behind_a_proxy_each_caller_is_limited_and_a_made_up_address_does_not_help() -> None:
    here, _ = world(addresses=1, senders=Senders(PROXIES))
    at(here, "10.0.0.1")
    told = [{"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.9"} for number in range(WINDOW + 1)]
    answers = [(await here.ask(None, "GET", "/tickets", headers=headers)).status_code for headers in told]
    assert answers == [200] * WINDOW + [429]
    assert await statuses(here, 1, None, headers={"X-Forwarded-For": "198.51.100.10"}) == [200]


OIDC = {"OIDC_ISSUER": "https://login.example"}
MESH = {"MYTICKET_AUTH": "off"}
ASKED = {"REQUESTS_PER_PRINCIPAL": "5", "REQUESTS_PER_ADDRESS": "50"}


@pytest.mark.parametrize(
    "environment, rates",
    [
        ({}, (None, None)),
        (MESH, (None, None)),
        (OIDC, (PER_PRINCIPAL, PER_ADDRESS)),
        (ASKED, (5, 50)),
        (MESH | ASKED, (None, 50)),
        (OIDC | ASKED, (5, 50)),
        (OIDC | dict.fromkeys(ASKED, "0"), (None, None)),
    ],
)
def test_what_is_limited_unless_a_setting_says_otherwise(environment: Any, rates: Any) -> None:
    found = limits(load(environment))
    assert tuple(it and it.rate for it in (found.principals, found.addresses)) == rates


@pytest.mark.parametrize(
    ("environment", "at_once"),
    [(OIDC, 500), (OIDC | {"REQUESTS_PER_ADDRESS": "3"}, 30), (OIDC | {"REQUESTS_PER_ADDRESS": "0"}, 600), ({}, 600)],
)
def test_an_address_signs_in_less_often_than_it_asks(environment: Any, at_once: int) -> None:
    """As often as it likes where nothing is limited."""
    found, time = limits(load(environment)), Time()
    for buckets in filter(None, (found.addresses, *found.dear.values())):
        buckets.now = time

    def let_in(path: str) -> bool:
        try:
            found.address({"path": path, "client": ("192.0.2.7", 1), "headers": []})
        except Problem:
            return False
        return True

    assert sum(let_in("/web/sign-in" + more) for more in ("", "/back") for _ in range(300)) == at_once
    assert let_in("/web/tickets") is (at_once != 30), "which is all that it may ask of anything"


def test_proxies_are_read_from_settings() -> None:
    found = limits(load({"TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7", "FORWARDED_HEADER": "Forwarded"}))
    assert sender(found.senders, "192.0.2.7", (FORWARDED, "for=198.51.100.1")) == "198.51.100.1"


def test_a_refusal_says_its_seconds_rounded_up() -> None:
    time = Time()
    buckets = Buckets("principal", 1, time)
    for _ in range(WINDOW):
        buckets.take("a")
    time.at += 0.5
    with pytest.raises(Problem) as raised:
        buckets.refuse(buckets.take("a"))
    assert raised.value.headers["Retry-After"] == "1"
