"""One's own contacts over the graph: said, read over REST too, refused without being repeated, removed."""

from __future__ import annotations

import pytest

from tests.services.graphql_world import GraphWorld
from tests.services.test_contacts import code

READ = """query { contact(channel: "email") {
  ... on Contact { channel address wanted confirmed sends } ... on Problem { code } } }"""
CONFIRM = """mutation($code: String!) { confirmContact(channel: "email", code: $code) {
  ... on Contact { address confirmed } ... on Problem { code } } }"""
PUT = """mutation($address: String!, $wanted: Boolean! = true, $channel: String! = "email") {
  putContact(channel: $channel, address: $address, wanted: $wanted) {
    ... on Contact { channel address wanted confirmed sends }
    ... on InvalidInput { member } ... on TooManyConfirmations { retryAfter } ... on Problem { code message } } }"""
REMOVE = 'mutation { removeContact(channel: "email") { ... on ContactRemoved { channel } ... on Problem { code } } }'
KIM = {"channel": "email", "address": "kim@example.com", "wanted": True, "confirmed": False, "sends": True}


async def test_a_contact_is_said_read_silenced_and_removed() -> None:
    world = GraphWorld()
    assert await world.say("customer 1", READ) == {"code": "not_found"}
    assert await world.say("customer 1", PUT, address="kim@example.com") == KIM
    assert await world.say("customer 1", READ) == KIM
    assert (await world.ask("customer 1", "GET", "/contacts/email")).json()["address"] == "kim@example.com"
    assert await world.say("customer 1", PUT, address="kim@example.com", wanted=False) == {**KIM, "wanted": False}
    assert await world.say("organizer 1", READ) == {"code": "not_found"}
    assert await world.say("customer 1", REMOVE) == {"channel": "email"}
    assert await world.say("customer 1", REMOVE) == {"code": "not_found"}


async def test_a_contact_is_confirmed_by_the_code_that_is_sent_there() -> None:
    world = GraphWorld()
    assert await world.say("customer 1", CONFIRM, code="") == {"code": "not_found"}
    for _ in range(3):
        assert await world.say("customer 1", PUT, address="kim@example.com") == KIM
    refused = await world.say("customer 1", PUT, address="kim@example.com")
    assert (refused["code"], refused["retryAfter"]) == ("too_many_confirmations", 1200)
    assert await world.say("customer 1", CONFIRM, code="another") == {"code": "wrong_code"}
    confirmed = await world.say("customer 1", CONFIRM, code=await code(world))
    assert confirmed == {"address": "kim@example.com", "confirmed": True}
    assert await world.say("customer 1", READ) == {**KIM, "confirmed": True}


class Silent(GraphWorld):
    sending = ()


async def test_where_no_mail_is_sent_that_is_said() -> None:
    world = Silent()
    assert await world.say("customer 1", PUT, address="kim@example.com") == {**KIM, "sends": False}
    assert await world.say("customer 1", READ) == {**KIM, "sends": False}


@pytest.mark.parametrize("address", ["", "kim", "kim lee@example.com", "kim@example.com\r\nBcc: a@b.example"])
async def test_what_is_no_address_changes_nothing_and_is_not_repeated(address: str) -> None:
    world = GraphWorld()
    await world.say("customer 1", PUT, address="kim@example.com")
    refused = await world.say("customer 1", PUT, address=address)
    assert (refused["code"], refused["member"]) == ("invalid", "address")
    assert not address or address not in refused["message"]
    assert await world.say("customer 1", READ) == KIM


async def test_a_channel_that_nobody_is_reached_over_is_not_found() -> None:
    refused = await GraphWorld().say("customer 1", PUT, address="kim@example.com", channel="pigeon")
    assert refused["code"] == "not_found"
