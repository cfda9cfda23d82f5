"""What an operator sees of messages to people and has sent again, on both stores; nobody's address, no words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from adapters.notify import InApp
from adapters.notify.email import message_id
from adapters.persistence import Database, SqlContacts, SqlNotifications, migrate
from adapters.system import RandomIds, SystemClock
from apps import notifications as work
from apps import places
from apps.cli import cli
from apps.failures import CannotRun
from apps.settings import Settings
from myticket_core.access import Scope
from myticket_core.messages import Cause
from myticket_core.notification.contact import Contact
from myticket_core.notification.model import EMAIL, Message, NotificationId, Status
from myticket_core.notification.ports import GONE, NO_CONTACT, REFUSED, Sought
from myticket_core.notification.resend import BATCH
from tests.e2e.system import run
from tests.services.test_apps_up import refused

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
OLD = NOW - work.LATELY
CAUSE = Cause(id="c", correlation_id="case")
WORDS, ADDRESS = "Hello, seat 4", "kim@example.com"
SHOWN = frozenset({InApp.name})
EVERY = [Sought()]


def message(event: str, customer: int | None = 5, channel: str = EMAIL) -> Message:
    said = {"event_id": event, "event": "Booked", "channel": channel, "text": WORDS, "correlation_id": "case"}
    return Message(**said, customer_id=customer, company_id=None if customer else 7, booking_id=3, ticket_id=4)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return Settings(data=tmp_path)
    return Settings(data=tmp_path, alarm_database_url=request.getfixturevalue("postgres_database"))


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[SqlNotifications]:
    """1 waits, 2 was sent, 3 was given up, 4 is shown in the app of company 7."""
    url = places.stores(settings)["alarm"]
    await asyncio.to_thread(migrate, url, "alarm")
    db = await Database.open(url, "alarm", SystemClock(), RandomIds())
    await SqlContacts(db).put(Contact(recipient=Scope(customer_id=5), channel=EMAIL, address=ADDRESS))
    notifications = SqlNotifications(db)
    some = [message("waits"), message("sent", 6), message("refused"), message("shown", None, InApp.name)]
    await notifications.add(some, NOW, CAUSE, SHOWN)
    await notifications.change(NotificationId(2), lambda it: it.delivered(NOW))
    await notifications.change(NotificationId(3), lambda it: it.failed("busy", NOW).refused("undeliverable: 550"))
    yield notifications
    await db.close()


async def kept(store: SqlNotifications, id: int) -> Any:
    (found,) = await store.sought(Sought(), NotificationId(id + 1), 1)
    return found


async def listed(
    settings: Settings, capsys: pytest.CaptureFixture[str], sought: Sequence[Sought], limit: int = 10
) -> list[dict[str, Any]]:
    capsys.readouterr()
    await work.list_messages(settings, sought, limit, as_json=True)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


async def test_they_are_listed_with_what_became_of_each(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {it["id"]: it for it in await listed(settings, capsys, EVERY)}
    assert [(id, it["state"]) for id, it in found.items()] == [
        (4, "sent"),
        (3, "given-up"),
        (2, "sent"),
        (1, "waiting"),
    ]
    assert found[3] == {
        "id": 3,
        "state": "given-up",
        "channel": "email",
        "customer_id": 5,
        "company_id": None,
        "event": "Booked",
        "booking_id": 3,
        "ticket_id": 4,
        "correlation_id": "case",
        "attempts": 2,
        "next_at": None,
        "created_at": NOW.isoformat(),
        "delivered_at": None,
        "reason": "undeliverable: 550",
        "told_in": None,
    }
    assert (found[1]["next_at"], found[2]["delivered_at"]) == (NOW.isoformat(), NOW.isoformat())


async def test_they_are_found_by_state_channel_and_recipient(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for sought, expected in (
        ([Sought(Status.QUEUED), Sought(Status.GIVEN_UP)], [3, 1]),
        ([Sought(channel=InApp.name)], [4]),
        ([Sought(recipient=Scope(customer_id=5))], [3, 1]),
        ([Sought(Status.DELIVERED, recipient=Scope(company_id=7))], [4]),
        ([Sought(Status.DELIVERED, EMAIL, Scope(customer_id=5))], []),
    ):
        assert [it["id"] for it in await listed(settings, capsys, sought)] == expected, sought


async def test_the_newest_are_shown_and_that_there_are_more(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [Sought(Status.DELIVERED), Sought(Status.GIVEN_UP)]
    await work.list_messages(settings, both, 2, as_json=False)
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["id", "4", "3"]
    assert "company 7" in said.out
    assert "more than these 2" in said.err
    await work.list_messages(settings, both, 3, as_json=False)
    assert capsys.readouterr().err == ""
    await work.list_messages(settings, [Sought(channel="pigeon")], 3, as_json=False)
    assert capsys.readouterr().out == "there are none\n"


@pytest.mark.parametrize("as_json", [True, False])
async def test_nothing_about_persons_is_shown(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    await work.list_messages(settings, EVERY, 10, as_json)
    said = capsys.readouterr().out
    assert "given-up" in said
    assert not any(secret in said for secret in (WORDS, ADDRESS, "kim"))


async def test_what_is_sent_again_is_the_same_message_tried_from_the_start(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {id: await kept(store, id) for id in (1, 2, 3)}
    await work.resend(settings, [1, 2, 3], None, None)
    assert capsys.readouterr().out == "3 queued; alarm sends them as it runs\n"
    for id in (2, 3):
        after = await kept(store, id)
        assert (after.status, after.attempts, after.reason, after.delivered_at) == (Status.QUEUED, 0, None, None)
        assert NOW < after.due_at <= datetime.now(UTC)
        assert message_id(after.message, "a@b") == message_id(before[id].message, "a@b")
    assert await kept(store, 1) == before[1], "it waits already"
    assert [it.id for it in await store.due(datetime.now(UTC), EMAIL, 10)] == [1, 2, 3]


async def test_what_cannot_be_sent_again_is_told_and_the_rest_is_queued(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CannotRun) as told:
        await work.resend(settings, [99, 3, 4], None, None)
    assert str(told.value).splitlines() == [
        "not queued, 99: there is none of that id; `myticket notifications list` shows them",
        "not queued, 4: in-app is read where it is stored: nothing is to be sent",
    ]
    assert capsys.readouterr().out.startswith("1 queued")
    assert (await kept(store, 4)).status is Status.DELIVERED


async def test_what_is_told_in_another_one_says_so_and_is_not_sent_by_itself(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await store.change(NotificationId(1), lambda it: it.gathered(NotificationId(9)))
    await work.list_messages(settings, [Sought(Status.GATHERED)], 10, as_json=False)
    assert "told in 9" in capsys.readouterr().out
    (one,) = await listed(settings, capsys, [Sought(Status.GATHERED)])
    assert (one["id"], one["state"], one["told_in"]) == (1, "gathered", 9)
    with pytest.raises(CannotRun, match="not queued, 1: it is told in 9: have that one sent"):
        await work.resend(settings, [1], None, None)


async def test_all_that_was_given_up_over_a_channel_is_sent_again(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    more = [evolve(message("refused"), event_id=f"e{number}") for number in range(BATCH)]
    await store.add([*more, message("other", channel="pigeon")], NOW, evolve(CAUSE, id="more"))
    for it in await store.sought(Sought(Status.QUEUED), None, BATCH + 1):
        await store.change(it.id, lambda it: it.refused("closed"))
    await work.resend(settings, [], EMAIL, None)
    assert capsys.readouterr().out.startswith(f"{BATCH + 1} queued")
    (left,) = await store.sought(Sought(Status.GIVEN_UP), None, 10)
    assert left.message.channel == "pigeon"
    await work.resend(settings, [], EMAIL, None)
    assert capsys.readouterr().out.startswith("0 queued")


async def test_what_is_old_or_had_nobody_to_go_to_is_not_sent_again_with_all_others(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = {5: f"{NO_CONTACT}: not to be reached", 6: f"{GONE}: is gone", 7: f"{REFUSED}: 554"}
    await store.add([message(f"e{id}") for id in (5, 6)], NOW, evolve(CAUSE, id="nobody"))
    await store.add([message("e7")], OLD, evolve(CAUSE, id="old"))
    for id, reason in reasons.items():
        await store.change(NotificationId(id), lambda it, reason=reason: it.refused(reason))
    await work.resend(settings, [], EMAIL, None)
    assert capsys.readouterr().out.startswith("1 queued")
    assert (await kept(store, 3)).status is Status.QUEUED
    await work.resend(settings, [], EMAIL, OLD)
    assert capsys.readouterr().out.startswith("1 queued")
    assert (await kept(store, 7)).status is Status.QUEUED
    assert {(await kept(store, id)).status for id in (5, 6)} == {Status.GIVEN_UP}
    await work.resend(settings, [5, 6], None, None)
    assert capsys.readouterr().out.startswith("2 queued")


async def test_without_a_store_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"there is no alarm\.sqlite"):
        await work.list_messages(Settings(data=tmp_path), EVERY, 1, as_json=True)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_as_commands(store: SqlNotifications, settings: Settings) -> None:
    data = ("--data", str(settings.data))
    found = json.loads(await run("notifications", "list", "--customer", "5", *data, "--json"))
    assert [it["state"] for it in found] == ["given-up", "waiting"]
    assert (await run("notifications", "resend", "--all", "--channel", EMAIL, *data)).startswith("1 queued")
    since = ("--since", datetime.now(UTC).isoformat())
    assert (await run("notifications", "resend", "--all", "--channel", EMAIL, *since, *data)).startswith("0 queued")
    assert (await run("notifications", "forget", "--email", ADDRESS, *data)).startswith("1 removed")
    said, code = await refused("notifications", "resend", "99", *data)
    assert (said, code) == (
        "myticket: not queued, 99: there is none of that id; `myticket notifications list` shows them",
        1,
    )


def test_a_time_has_an_offset() -> None:
    said = CliRunner().invoke(cli, ["notifications", "resend", "--all", "--channel", "email", "--since", "2026-11-27"])
    assert "'2026-11-27' is not a date and time with its offset" in said.stderr
    assert said.exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("1", "--all"),
        ("1", "--since", "2026-11-27T09:00:00+09:00"),
        ("--all",),
        ("1", "--channel", "email"),
        ("--channel", "email"),
    ],
)
def test_ids_or_all_of_a_channel(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(cli, ["notifications", "resend", *words])
    assert "name ids, or --all with --channel" in said.stderr
    assert said.exit_code == 2


async def test_an_address_is_taken_away_from_everybody(
    store: SqlNotifications, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    contacts = SqlContacts(store._db)
    for recipient, address in ((Scope(company_id=7), "KIM@example.com"), (Scope(customer_id=6), "lee@example.com")):
        await contacts.put(Contact(recipient=recipient, channel=EMAIL, address=address))
    for told in ("2 removed: nothing is sent there any more\n", "nobody has given this address\n"):
        await work.forget(settings, f" {ADDRESS}")
        assert capsys.readouterr().out == told
    assert [len(await contacts.of(Scope(customer_id=number))) for number in (5, 6)] == [0, 1]
    assert not await contacts.of(Scope(company_id=7))
