"""Contacts over REST: put, read, replaced, removed, and what is no address."""

import pytest

from tests.services.rest_world import World

PATH = "/contacts/email"
KIM = {"address": "kim@example.com"}


async def test_a_contact_is_put_read_replaced_and_removed() -> None:
    world = World()
    assert (await world.ask("customer 1", "GET", PATH)).status_code == 404
    put = (await world.ask("customer 1", "PUT", PATH, KIM)).json()
    assert (put["channel"], put["address"], put["wanted"]) == ("email", "kim@example.com", True)
    assert (await world.ask("customer 1", "GET", PATH)).json() == put
    silent = (await world.ask("customer 1", "PUT", PATH, KIM | {"wanted": False})).json()
    assert silent == put | {"wanted": False}
    assert (await world.ask("organizer 1", "GET", PATH)).status_code == 404
    assert (await world.ask("customer 1", "DELETE", PATH)).status_code == 204
    assert (await world.ask("customer 1", "DELETE", PATH)).status_code == 404
    assert (await world.ask("customer 1", "GET", PATH)).status_code == 404


NO_ADDRESSES = [
    *(None, "", "kim", "kim@", "@example.com", "kim@example.com\r\nBcc: a@b", "kim lee@example.com", "kim@-a.com"),
    *("kim..lee@example.com", "김@example.com", "kim@예.com", "k" * 65 + "@a.com", "<kim@example.com>", "a@b,c@d"),
    "=?q?a?=@a.com",
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
async def test_what_is_no_address_changes_nothing_and_is_not_repeated(address) -> None:
    world = World()
    await world.ask("customer 1", "PUT", PATH, KIM)
    refused = await world.ask("customer 1", "PUT", PATH, {"address": address})
    assert refused.status_code == 400
    assert "address" in refused.json()["detail"]
    assert not address or len(address) < 5 or address not in refused.text
    assert (await world.ask("customer 1", "GET", PATH)).json()["address"] == "kim@example.com"


@pytest.mark.parametrize("body, member", [({}, "address"), (KIM | {"wanted": "perhaps"}, "wanted")])
async def test_what_is_wrong_is_named(body, member) -> None:
    refused = await World().ask("customer 1", "PUT", PATH, body)
    assert (refused.status_code, member in refused.json()["detail"]) == (400, True)


async def test_a_channel_that_nobody_is_reached_over_is_not_found() -> None:
    world = World()
    for method, body in (("GET", None), ("PUT", KIM), ("DELETE", None)):
        assert (await world.ask("customer 1", method, "/contacts/pigeon", body)).status_code == 404
