"""The comparer sees what differs; else every comparison with the recordings would be worth nothing."""

from typing import Any

import pytest

from tests.services.originals.shape import Answer, differences

HAL = {"content-type": "application/hal+json;charset=UTF-8"}
AT = "2012-04-23T18:25:43.511+0000"


def good(body: Any, headers: dict[str, str] | None = None, status: int = 200) -> Answer:
    return Answer(status, HAL if headers is None else headers, body)


def links(href: str, **more: Any) -> dict[str, Any]:
    return {"_links": {"self": {"href": href, **more}}}


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ({"price": 1}, {"price": 2, "name": "added"}),
        ({"price": None}, {"price": "text"}),
        ({"price": None}, {}),
        ({"at": AT}, {"at": "2026-01-01T00:00:00.000+0000"}),
        ({"items": []}, {"items": [{"a": 1}]}),
        ({"items": [{"a": 1}, {"a": None}]}, {"items": [{"a": 2, "b": 3}]}),
        ({"items": [{"id": "a", "x": 1}, {"id": "b"}]}, {"items": [{"id": "b"}, {"id": "a", "x": 2}]}),
        (links("http://a:1/tickets/7"), links("https://b/tickets/12")),
        (None, None),
    ],
)
def test_what_says_the_same_in_other_words_is_no_difference(theirs: Any, ours: Any) -> None:
    assert differences(good(theirs), good(ours)) == []


@pytest.mark.parametrize(
    "theirs, ours, said",
    [
        ({"price": 1}, {}, ".price number → nothing"),
        ({"price": 1}, {"price": None}, ".price number → nothing"),
        ({"price": 1}, {"price": "1"}, ".price number → text"),
        ({"price": 1}, {"price": True}, ".price number → boolean"),
        ({"at": AT}, {"at": "2012-04-23T18:25:43Z"}, ".at date → text"),
        ({"at": AT}, {"at": 1335205543511}, ".at date → number"),
        ({"a": {"b": [1]}}, {"a": {"b": []}}, ".a.b[] number → nothing"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {}]}, ".a[].b number → nothing"),
        ({"a": [{"id": "a", "x": 1}, {"id": "b"}]}, {"a": [{"id": "b"}, {"id": "a"}]}, ".a[].x number → nothing"),
        ({"a": []}, {"a": {}}, ".a array → object"),
        (links("/tickets/7"), links("/tickets"), "._links.self.href /tickets/{n} → /tickets"),
        (links("/a{?page}", templated=True), links("/a{?page}"), "._links.self.templated boolean → nothing"),
        ({"_links": {"profile": {}}}, {"_links": {}}, "._links.profile object → nothing"),
        ({"a": 1}, None, "body object → nothing"),
    ],
)
def test_what_is_missing_or_of_another_kind_is_told_by_its_place(theirs: Any, ours: Any, said: str) -> None:
    assert differences(good(theirs), good(ours)) == [said]


@pytest.mark.parametrize(
    "theirs, ours, said",
    [
        ({"content-type": "application/json"}, {}, "content-type application/json → None"),
        ({"location": "http://a/tickets/1"}, {"location": "http://a/books/1"}, "location /tickets/{n} → /books/{n}"),
        ({"location": "http://a/tickets/1"}, {}, "location /tickets/{n} → None"),
        ({"allow": "GET,POST"}, {"allow": "GET"}, "allow GET POST → GET"),
        ({}, {"content-type": "application/json"}, "no body → application/json"),
    ],
)
def test_headers_count_too(theirs: dict[str, str], ours: dict[str, str], said: str) -> None:
    assert differences(good(None, theirs), good(None, ours)) == [said]


def test_headers_that_ours_adds_and_the_order_of_methods_do_not() -> None:
    assert differences(good(None, {"allow": "GET,POST"}), good(None, {"allow": "POST, GET", "location": "/a"})) == []


def test_another_status_is_a_difference_and_of_an_error_the_only_one() -> None:
    assert differences(good({}, status=201), good({}, status=200)) == ["status 201 → 200"]
    assert differences(good({"price": 1}), good({"error": ""}, {}, 400)) == ["status 200 → 400"]
    assert differences(good(None, {}, 404), good(None, {}, 405)) == ["status 404 → 405"]
