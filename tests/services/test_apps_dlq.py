"""Poison in the log is parked and the rest goes on; what is parked can be seen, replayed and discarded meanwhile."""

import json
import sqlite3
from datetime import UTC, datetime

import pytest
from attrs import evolve
from click.testing import CliRunner

from adapters.memory import MemoryLog
from adapters.persistence import migrate
from apps import command_stores, places
from apps.cli import cli
from apps.composing import composed
from apps.failures import CannotRun
from apps.places import SERVICES
from apps.settings import Settings
from apps.stores import Led
from myticket_core.access import EVERYTHING
from myticket_core.messages import Cause, Envelope
from myticket_core.ports import Parked, Record
from myticket_core.ticket.events import TicketRegistered
from myticket_core.wire import encode
from tests.e2e.forking import ran
from tests.e2e.system import System, run
from tests.services.test_apps_up import booked, refused, shown, until

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def append(folder, key, value):
    """What somebody else writes into the log, ours or not."""
    log = sqlite3.connect(folder / "log.sqlite", timeout=10)
    with log:
        log.execute("INSERT INTO records (key, value, headers) VALUES (?, ?, '{}')", (key, value))
    log.close()


async def listed(folder, *services):
    return json.loads(await run("dlq", "list", *services, "--data", str(folder), "--json"))


async def test_poison_is_parked_and_the_rest_goes_on(tmp_path):
    async with System(tmp_path) as system:
        ticket = await system.ticket()
        append(tmp_path, "poison", b"\xff is not JSON")
        booking = await booked(system, ticket)
        assert (await shown(system, booking))["status"] == "BOOKED"

        async def parked_by_all():
            entries = await listed(tmp_path)
            return entries if len(entries) == len(SERVICES) else None

        parked = await until(parked_by_all)
        assert {entry["service"] for entry in parked} == set(SERVICES)
        assert {entry["key"] for entry in parked} == {"poison"}
        assert all("not JSON" in entry["reason"] for entry in parked)
        await _seen_and_given_up(tmp_path, parked[0]["id"])
        assert (await system.ask("GET", "/livez")).status == 200


async def _seen_and_given_up(folder, id):
    data = ("--data", str(folder))
    entry = json.loads(await run("dlq", "show", "pay", id, *data, "--json"))
    assert entry["value"] == "\\xff is not JSON"
    assert "not JSON" in await run("dlq", "list", "pay", *data)
    said, code = await refused("dlq", "replay", "pay", id, *data)
    assert "still parked" in said
    assert code == 1
    assert await run("dlq", "discard", "pay", id, *data) == f"{id} discarded\n"
    assert await run("dlq", "list", "pay", *data) == "nothing is parked\n"
    said, code = await refused("dlq", "discard", "pay", id, *data)
    assert (said, code) == (f"myticket: pay has nothing parked under {id}", 1)


@pytest.fixture
async def mypage(tmp_path):
    settings = Settings(data=tmp_path)
    stores = places.stores(settings)
    for name in ("log", "mypage"):
        migrate(stores[name], name)
    async with composed(settings, stores, ["mypage"]) as containers:
        yield containers["mypage"]


def parked(ticket, key, reason="the store was ill"):
    event = TicketRegistered(id=ticket, version=1, company_id=1, price=15000)
    envelope = Envelope.seal(event, Cause(id="c", correlation_id="case"), f"event-{ticket}", NOW)
    value, headers = encode(envelope)
    return Parked(envelope.id, "mypage", key, Record(ticket, key, value, headers), reason, NOW)


async def test_what_failed_is_handled_again_under_its_own_id(tmp_path, mypage):
    await mypage.parking().park(parked(7, "7"))
    assert await run("dlq", "replay", "mypage", "event-7", "--data", str(tmp_path)) == "1 handled\n"
    assert await listed(tmp_path, "mypage") == []
    page = await mypage.api().browse.ticket(7, EVERYTHING)
    assert page.ticket.price == 15000


async def test_everything_is_replayed_key_by_key(tmp_path, mypage):
    for ticket, key in ((1, "a"), (2, "b"), (3, "a")):
        await mypage.parking().park(parked(ticket, key))
    assert await run("dlq", "replay", "mypage", "--all", "--data", str(tmp_path)) == "3 handled\n"
    assert await listed(tmp_path, "mypage") == []


async def test_who_names_what_waits_behind_another_is_not_told_that_it_is_not_parked(tmp_path, mypage):
    for ticket in (1, 2, 3):
        await mypage.parking().park(parked(ticket, "a"))
    words = ("event-1", "event-2", "event-3", "--data", str(tmp_path))
    assert await run("dlq", "replay", "mypage", *words) == "3 handled\n"


async def test_a_service_that_was_never_run_has_nothing_parked(tmp_path, mypage):
    await mypage.parking().park(parked(7, "7"))
    assert [entry["id"] for entry in await listed(tmp_path)] == ["event-7"]


@pytest.mark.parametrize("provider", ["sandbox", "stripe"])
async def test_who_only_looks_or_gives_up_needs_nothing_but_the_store(tmp_path, monkeypatch, provider):
    """Neither a key of Stripe's nor a log; and makes no sandbox, which an audit would take for the bank."""
    monkeypatch.setenv("PAYMENT_PROVIDER", provider)
    for name in ("book", "pay"):
        migrate(places.stores(Settings(data=tmp_path))[name], name)
        async with command_stores.parking_of(Settings(data=tmp_path), name) as parking:
            await parking.park(evolve(parked(7, "7"), consumer=name))
    for name in ("book", "pay"):
        assert [it["id"] for it in await listed(tmp_path, name)] == ["event-7"]
        assert "7" in await run("dlq", "show", name, "event-7", "--data", str(tmp_path))
        assert await run("dlq", "discard", name, "event-7", "--data", str(tmp_path)) == "event-7 discarded\n"
    assert await listed(tmp_path) == []
    assert {file.stem for file in tmp_path.glob("*.sqlite")} == {"book", "pay"}


EVIL = "서울\x1b]0;pwned\x07\x1b[2J\x9b2J\u202e\r\nnothing is parked"
SHOWN = r"서울\u001b]0;pwned\u0007\u001b[2J\u009b2J\u202e\r\nnothing is parked"


def lines_of(said):
    lines = said.removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines), said
    return lines


@pytest.mark.parametrize("value", [EVIL.encode(), json.dumps({"name": EVIL}).encode()], ids=["text", "JSON"])
async def test_what_strangers_wrote_does_not_steer_the_terminal_nor_forge_lines(tmp_path, mypage, value):
    data = ("--data", str(tmp_path))
    await mypage.parking().park(Parked(EVIL, "mypage", EVIL, Record(7, EVIL, value, {EVIL: EVIL}), EVIL, NOW))
    _, entry = lines_of(await run("dlq", "list", "mypage", *data))
    assert entry.count(SHOWN) == 3  # its id, key and reason
    told = lines_of(await run("dlq", "show", "mypage", EVIL, *data))
    assert sum(line.count(SHOWN) for line in told) == 6  # a header and its name, and the value
    for command in (("list", "mypage"), ("show", "mypage", EVIL)):
        said = await run("dlq", *command, *data, "--json")
        assert f'"{SHOWN}"' in "".join(lines_of(said))
        (found,) = json.loads(said) if command[0] == "list" else [json.loads(said)]
        assert (found["id"], found["reason"]) == (EVIL, EVIL)


@pytest.mark.parametrize("command", ["replay", "discard"])
async def test_nor_does_what_is_told_of_their_ids(tmp_path, mypage, command):
    await mypage.parking().park(Parked(EVIL, "mypage", None, Record(7, None, b"{", {}), "not JSON", NOW))
    _, out, said = await ran("dlq", command, "mypage", EVIL, EVIL + "2", "--data", str(tmp_path))
    told = lines_of(out + said)
    assert len(told) == 2
    assert all(SHOWN in line for line in told)


@pytest.mark.parametrize("words", [(), ("--all", "some-id")])
def test_ids_or_all_but_not_both(words):
    said = CliRunner().invoke(cli, ["dlq", "replay", "pay", *words])
    assert "name ids, or --all" in said.stderr
    assert said.exit_code == 2


NO_DATA = {"dlq list": "ticket", "dlq list pay": "pay", "rehear pay": "log", "rebuild mypage": "log"}


@pytest.mark.parametrize("words", NO_DATA)
async def test_a_folder_without_data_is_told(words, tmp_path):
    said, code = await refused(*words.split(), "--data", str(tmp_path))
    missing = f"there is no {NO_DATA[words]}.sqlite in {tmp_path}: name the folder of the system's data with --data"
    assert (said, code) == (f"myticket: {missing}", 1)


async def test_what_would_go_on_from_what_is_long_past_is_ended_before_it_hears_everything_again(tmp_path):
    async with System(tmp_path):
        for service in ("ticket", "book", "pay"):
            said, code = await refused("rehear", service, "--data", str(tmp_path))
            assert code == 1
            assert f"{tmp_path} is in use: process" in said
            assert said.endswith(f" runs {service} there")
        assert "records of the log heard again" in await run("rehear", "alarm", "--data", str(tmp_path))
    assert "records of the log heard again" in await run("rehear", "book", "--data", str(tmp_path))


class Leads:
    """For as long as it says."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def leads(self):
        return self.answers.pop(0)


async def test_who_hears_everything_again_stops_when_the_service_was_started_meanwhile():
    log = MemoryLog()
    for key in ("1", "2"):
        log.append(key, b"{}", {})
    led = Led(log.history(), Leads(True, False), "book")
    assert len(await led.read(1)) == 1
    with pytest.raises(CannotRun, match="book is running: end all of it first"):
        await led.read(1)


async def test_what_is_not_parked_cannot_be_handled_again(tmp_path, mypage):
    await mypage.parking().park(parked(7, "7"))
    said, code = await refused("dlq", "replay", "mypage", "none", "--data", str(tmp_path))
    assert (said, code) == ("myticket: mypage has nothing parked under none", 1)


async def test_one_that_is_not_parked_keeps_no_other_from_being_given_up(tmp_path, mypage):
    for ticket in (1, 2):
        await mypage.parking().park(parked(ticket, str(ticket)))
    words = ("dlq", "discard", "mypage", "event-1", "none", "event-2", "--data", str(tmp_path))
    code, out, said = await ran(*words)
    assert (code, out) == (1, "event-1 discarded\nevent-2 discarded\n")
    assert said == "myticket: mypage has nothing parked under none\n"
    assert await listed(tmp_path, "mypage") == []
