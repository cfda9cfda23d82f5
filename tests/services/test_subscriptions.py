"""Browsers over REST: subscribed, seen, taken over, removed; and what is no subscription."""

import pytest

from adapters.persistence import SqlContacts
from myticket_core.access import Scope
from myticket_core.conformance.base import race
from myticket_core.notification.subscribe import MOST, Subscribe, SubscribeBrowsers
from tests.services.rest_world import BROWSER, World
from tests.services.stores import opened

PATH = "/contacts/push"


def browser(number=1):
    return BROWSER | {"endpoint": f"https://push.example.com/{number}"}


async def seen(world, who="customer 1"):
    listed = (await world.ask(who, "GET", PATH)).json()["_embedded"]["subscriptions"]
    return [it["id"] for it in listed]


async def test_browsers_are_subscribed_seen_and_removed():
    world = World()
    put = [(await world.ask("customer 1", "PUT", PATH, browser(number))).json() for number in (1, 2, 1)]
    ids = [it["id"] for it in put]
    assert (ids[0], await seen(world)) == (ids[2], sorted(ids[:2]))
    one = await world.ask("customer 1", "GET", put[0]["_links"]["self"]["href"].removeprefix("http://myticket.example"))
    assert one.json() == put[0]
    assert await seen(world, "organizer 1") == []
    for status in (204, 404):
        assert (await world.ask("customer 1", "DELETE", f"{PATH}/{ids[0]}")).status_code == status
    assert (await world.ask("customer 1", "GET", f"{PATH}/{ids[0]}")).status_code == 404
    assert await seen(world) == ids[1:2]


async def test_a_browser_is_of_whoever_subscribed_it_last():
    world = World()
    for who in ("customer 1", "customer 2"):
        assert (await world.ask(who, "PUT", PATH, browser())).is_success
    assert (await seen(world), len(await seen(world, "customer 2"))) == ([], 1)


async def test_nobody_has_more_than_a_few():
    world = World()
    for number in range(MOST):
        assert (await world.ask("customer 1", "PUT", PATH, browser(number))).is_success
    refused = await world.ask("customer 1", "PUT", PATH, browser(MOST))
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_subscriptions")
    assert refused.json()["limit"] == MOST
    assert (await world.ask("customer 1", "PUT", PATH, browser(0))).is_success
    assert len(await seen(world)) == MOST


async def test_nor_who_asks_for_many_at_once(tmp_path):
    async with opened(tmp_path, "alarm") as db:
        subscribe, mine = SubscribeBrowsers(SqlContacts(db), World.push_key), Scope(customer_id=1)
        many = [Subscribe(endpoint=f"https://push.example.com/{it}", **BROWSER["keys"]) for it in range(2 * MOST)]
        _, refused = await race(subscribe.put(one, mine) for one in many)
        assert (len(refused), len(await subscribe.list(mine))) == (MOST, MOST)


async def test_the_key_is_for_everybody():
    assert (await World().ask(None, "GET", f"{PATH}/key")).json()["key"] == World.push_key


async def test_where_nothing_is_pushed_that_is_said():
    class Quiet(World):
        push_key = None

    world = Quiet()
    for method, path, body in (("GET", f"{PATH}/key", None), ("PUT", PATH, browser())):
        refused = await world.ask("customer 1", method, path, body)
        assert refused.status_code == 404
        assert "no VAPID key is set" in refused.json()["detail"]
    assert await seen(world) == []


KEYS = BROWSER["keys"]
WRONG = {
    "endpoint": [
        *(None, "", "push", "http://push.example.com/", "https://", "https://push/", "https://push.example.com/#a"),
        *(
            "https://localhost/",
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://192.168.0.1:8443/",
            "https://[::1]/",
        ),
        *(
            "https://169.254.169.254/latest",
            "https://0/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
        ),
        *("https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/"),
        *(
            "https://[2002:7f00:1::]/",
            "https://224.0.0.1/",
            "https://100.64.0.1/",
            "https://db.internal/",
            "https://a.local/",
        ),
        *("https://kim@push.example.com/", "https://push.example.com:0/", "https://push.example.com:99999/"),
        *(
            "https://push.example.com/ a",
            "https://push.example.com/\r\na",
            "https://예.example.com/",
            "ftp://a.example.com/",
        ),
        *(
            "https://push.example.com./",
            f"https://push.example.com/{'a' * 1000}",
            "https://push.example.com\\@10.0.0.1/",
        ),
    ],
    "keys.p256dh": [None, "", 5, KEYS["p256dh"][:-1], "A" * 87, KEYS["p256dh"][:-2] + "AA", "!" * 87, [KEYS["p256dh"]]],
    "keys.auth": [None, "", 5, KEYS["auth"] + "A", KEYS["auth"][:-1], "!" * 22],
}


@pytest.mark.parametrize("member", WRONG)
async def test_what_is_wrong_is_named_not_repeated_and_changes_nothing(member):
    world = World()
    before = (await world.ask("customer 1", "PUT", PATH, browser())).json()["id"]
    for value in WRONG[member]:
        body = {"endpoint": browser(2)["endpoint"], "keys": dict(KEYS)}
        (body["keys"] if "." in member else body)[member.rpartition(".")[2]] = value
        refused = await world.ask("customer 1", "PUT", PATH, body)
        assert (refused.status_code, refused.json()["member"]) == (400, member), value
        assert not isinstance(value, str) or len(value) < 9 or value not in refused.text
    assert await seen(world) == [before]


async def test_keys_are_an_object():
    world = World()
    for keys in ("p256dh", 5, [], True, None):
        refused = await world.ask("customer 1", "PUT", PATH, browser() | {"keys": keys})
        assert (refused.status_code, refused.json()["member"].partition(".")[0]) == (400, "keys")


async def test_push_services_are_elsewhere():
    world = World()
    for endpoint in (
        "https://fcm.googleapis.com/fcm/send/a:b-c_d",
        "https://updates.push.services.mozilla.com/wpush/v2/g",
        "https://WNS2-db.notify.windows.com/w/?token=a%2b",
        "https://push.example.com",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/a",
    ):
        assert (await world.ask("customer 1", "PUT", PATH, BROWSER | {"endpoint": endpoint})).is_success
