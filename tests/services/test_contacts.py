"""Contacts over REST: put, read, replaced, removed, and what is no address."""

from datetime import timedelta

import pytest
from attrs import evolve

from myticket_core.access import Scope
from myticket_core.messages import Cause
from myticket_core.notification.asking import OF_MAILBOX, OF_RECIPIENT, VALID
from myticket_core.notification.compose import ComposeNotifications
from myticket_core.notification.confirming import to_be_sent
from myticket_core.notification.reach import Reach
from tests.services.rest_world import World

PATH = "/contacts/email"
KIM = {"address": "kim@example.com"}


async def test_a_contact_is_put_read_replaced_and_removed() -> None:
    world = World()
    assert (await world.ask("customer 1", "GET", PATH)).status_code == 404
    put = (await world.ask("customer 1", "PUT", PATH, KIM)).json()
    said = {"channel": "email", "address": "kim@example.com", "wanted": True, "confirmed": False, "sends": True}
    assert said.items() <= put.items()
    assert (await world.ask("customer 1", "GET", PATH)).json() == put
    silent = (await world.ask("customer 1", "PUT", PATH, KIM | {"wanted": False})).json()
    assert silent == put | {"wanted": False}
    assert (await world.ask("organizer 1", "GET", PATH)).status_code == 404
    assert (await world.ask("customer 1", "DELETE", PATH)).status_code == 204
    assert (await world.ask("customer 1", "DELETE", PATH)).status_code == 404
    assert (await world.ask("customer 1", "GET", PATH)).status_code == 404


CONFIRMATION = f"{PATH}/confirmation"


class Mailing(World):
    """What people are told goes by e-mail too."""

    @property
    def compose(self) -> ComposeNotifications:
        return evolve(super().compose, contacts=self.contacts, elsewhere=("email",))


async def mails(world: World, who: int = 1) -> list[str]:
    """What goes to the customer by e-mail now."""
    due = await world.notifications.due(world.clock.now(), "email", 1000)
    told = [(it.message, contact) for it in due for contact in await world.contacts.of(it.message.recipient)]
    sent = [(message, to_be_sent(message, contact)) for message, contact in told if message.customer_id == who]
    return [text for _, text in sent if text is not None]


async def code(world: World, who: int = 1) -> str:
    """That of the last mail."""
    text = (await mails(world, who))[-1]
    return text.partition("?code=")[2].partition(" ")[0]


async def test_an_address_is_confirmed_by_the_code_that_is_sent_there_alone() -> None:
    world = World()
    await world.ask("customer 1", "PUT", PATH, KIM)
    (mail,) = await mails(world)
    assert "http://myticket.example/web/contacts?code=" in mail
    said = {"code": await code(world)}
    for who, wrong in (("customer 1", {"code": "another"}), ("customer 1", {"code": ""})):
        refused = await world.ask(who, "POST", CONFIRMATION, wrong)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_code")
    assert (await world.ask("customer 2", "POST", CONFIRMATION, said)).status_code == 404, "it is somebody else's"
    assert (await world.ask("customer 1", "POST", CONFIRMATION, {})).status_code == 400
    assert (await world.ask("customer 1", "GET", PATH)).json()["confirmed"] is False
    for _ in range(2):
        confirmed = await world.ask("customer 1", "POST", CONFIRMATION, said)
        assert (confirmed.status_code, confirmed.json()["confirmed"]) == (200, True)
    for wanted in (False, True):
        put = await world.ask("customer 1", "PUT", PATH, KIM | {"wanted": wanted})
        assert (put.json()["wanted"], put.json()["confirmed"]) == (wanted, True), "it stays so"
    other = await world.ask("customer 1", "PUT", PATH, {"address": "lee@example.com"})
    assert other.json()["confirmed"] is False
    assert (await world.ask("customer 1", "POST", CONFIRMATION, said)).status_code == 409


async def test_nobody_who_has_somebody_elses_address_written_down_has_it_sent_what_they_do() -> None:
    """As who books and cancels a free ticket in a loop."""
    world = Mailing()
    ticket = await world.ticket(price=0)
    await world.ask("customer 666", "PUT", PATH, {"address": "stranger@elsewhere.example"})
    for _ in range(3):
        booked = await world.ask("customer 666", "POST", "/books", {"ticketId": ticket})
        await world.ask("customer 666", "DELETE", f"/books/{booked.json()['id']}")
    await world.settle()
    assert ["Confirm your e-mail address" in it for it in await mails(world, 666)] == [True]
    assert len(await world.notifications.due(world.clock.now(), "email", 10)) == 1, "nor is it kept for later"


async def test_a_code_is_good_for_a_day_and_another_one_is_sent_on_request() -> None:
    world = World()
    await world.ask("customer 1", "PUT", PATH, KIM)
    first = await code(world)
    world.clock.time += VALID - timedelta(minutes=1)
    await world.ask("customer 1", "PUT", PATH, KIM)
    assert (await code(world), len(await mails(world))) == (first, 2), "the same: whichever mail is opened"
    world.clock.time += VALID
    refused = await world.ask("customer 1", "POST", CONFIRMATION, {"code": first})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_code")
    await world.ask("customer 1", "PUT", PATH, KIM)
    assert (await world.ask("customer 1", "POST", CONFIRMATION, {"code": await code(world)})).status_code == 200


async def test_mails_that_ask_are_few_of_one_recipient_and_to_one_mailbox() -> None:
    world = World()
    for number in range(OF_RECIPIENT.many):
        assert (await world.ask("customer 1", "PUT", PATH, {"address": f"kim@{number}.example"})).status_code == 200
    refused = await world.ask("customer 1", "PUT", PATH, {"address": "kim@more.example"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_confirmations")
    assert refused.headers["retry-after"] == str(OF_RECIPIENT.each.seconds)
    assert (await world.ask("customer 1", "GET", PATH)).json()["address"] == f"kim@{OF_RECIPIENT.many - 1}.example"
    await world.ask("customer 1", "DELETE", PATH)
    assert (await world.ask("customer 1", "PUT", PATH, KIM)).status_code == 429, "whatever was removed meanwhile"
    world.clock.time += OF_RECIPIENT.each
    assert (await world.ask("customer 1", "PUT", PATH, {"address": "kim@more.example"})).status_code == 200
    for who in range(2, 12):
        put = await world.ask(f"customer {who}", "PUT", PATH, {"address": f"Kim+{who}@example.com"})
        assert (put.status_code, put.json()["confirmed"]) == (200, False)
    assert sum([len(await mails(world, who)) for who in range(2, 12)]) == OF_MAILBOX.many


class Silent(World):
    sending = ()


async def test_where_no_mail_is_sent_that_is_said() -> None:
    for world, sends in ((Silent(), False), (World(), True)):
        none = await world.ask("customer 1", "GET", PATH)
        assert (none.status_code, none.json()["sends"]) == (404, sends), "before there is an address"
        for method in ("PUT", "GET"):
            answer = await world.ask("customer 1", method, PATH, KIM if method == "PUT" else None)
            assert answer.json()["sends"] is sends


async def test_where_no_mail_is_sent_none_waits() -> None:
    world = Silent()
    order = Reach(channel="email", address="kim@example.com")
    for _ in range(10):
        await world.reach.put(order, Scope(customer_id=1), Cause(id="1", correlation_id="1"))
    assert await world.notifications.due(world.clock.now(), "email", 10) == []


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
