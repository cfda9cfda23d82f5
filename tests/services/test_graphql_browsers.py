"""Browsers over the graph: subscribed, seen over REST too, removed; a refusal does not repeat what was said."""

from __future__ import annotations

from typing import Any

import pytest

from myticket_core.notification.subscribe import MOST
from tests.services.graphql_world import GraphWorld, browser_input
from tests.services.rest_world import BROWSER

ONE = "... on PushSubscription { id } ... on InvalidInput { member } ... on Problem { code message }"
LIST = "{ pushSubscriptions { ... on PushSubscriptions { nodes { id } } ... on Problem { code } } }"
KEY = "{ pushKey { ... on PushKey { key } ... on Problem { code } } }"


async def put(world: GraphWorld, endpoint: str) -> Any:
    browser = browser_input({**BROWSER, "endpoint": endpoint})
    limit = "... on TooManySubscriptions { limit }"
    return await world.say("customer 1", f"mutation {{ putPushSubscription(browser: {browser}) {{ {ONE} {limit} }} }}")


async def one(world: GraphWorld, who: str, id: str) -> Any:
    return await world.say(who, f'{{ pushSubscription(id: "{id}") {{ {ONE} }} }}')


async def remove(world: GraphWorld, id: str) -> Any:
    gone = "... on PushSubscriptionRemoved { id } ... on Problem { code }"
    return await world.say("customer 1", f'mutation {{ removePushSubscription(id: "{id}") {{ {gone} }} }}')


async def test_a_browser_is_subscribed_with_the_key_seen_by_its_owner_and_removed() -> None:
    world = GraphWorld()
    assert await world.say(None, KEY) == {"key": world.push_key}
    mine = await put(world, "https://push.example.com/1")
    assert await one(world, "customer 1", mine["id"]) == mine
    assert (await one(world, "customer 2", mine["id"]))["code"] == "not_found"
    assert await world.say("customer 1", LIST) == {"nodes": [mine]}
    over_rest = await world.ask("customer 1", "GET", "/contacts/push")
    assert [it["id"] for it in over_rest.json()["_embedded"]["subscriptions"]] == [mine["id"]]
    assert await remove(world, mine["id"]) == mine
    assert await remove(world, mine["id"]) == {"code": "not_found"}
    assert await world.say("customer 1", LIST) == {"nodes": []}


@pytest.mark.parametrize("endpoint", ["http://push.example.com/1", "https://127.0.0.1/1", "", "nowhere"])
async def test_what_is_no_push_service_is_refused_and_not_repeated(endpoint: str) -> None:
    world = GraphWorld()
    refused = await put(world, endpoint)
    assert (refused["code"], refused["member"]) == ("invalid", "endpoint")
    assert not endpoint or endpoint not in refused["message"]
    assert await world.say("customer 1", LIST) == {"nodes": []}


async def test_one_too_many_is_told_how_many_there_may_be() -> None:
    world = GraphWorld()
    for number in range(MOST):
        assert "id" in await put(world, f"https://push.example.com/{number}")
    refused = await put(world, "https://push.example.com/more")
    assert (refused["code"], refused["limit"]) == ("too_many_subscriptions", MOST)


async def test_where_nothing_is_pushed_there_is_no_key() -> None:
    class Quiet(GraphWorld):
        push_key = None

    assert await Quiet().say(None, KEY) == {"code": "not_found"}
