"""The commands that need no running system: settings, token, migrate, rebuild, and what is told of wrong use."""

import asyncio
import json
import re

import jwt
import pytest
from click.testing import CliRunner

from adapters.persistence import migrate
from apps import places
from apps.cli import cli
from apps.composing import composed
from apps.settings import Settings
from myticket_core.conformance.page_store import project, registered
from myticket_core.messages import Cause
from myticket_core.ticket.register import Register
from myticket_core.values import LARGEST
from tests.e2e.system import command, run
from tests.services.test_apps_up import refused


def myticket(*words, **environment):
    return CliRunner().invoke(cli, words, env=environment)


def test_settings_say_where_they_come_from():
    said = json.loads(myticket("settings", "--json", PORT="9").stdout)
    assert said["PORT"] == {"value": "9", "source": "PORT"}
    assert said["HOLD_SECONDS"] == {"value": "600", "source": "default"}
    assert "HOLD_SECONDS" in myticket("settings").stdout


def test_what_is_nearly_a_setting_is_told_beside_them():
    said = myticket("settings", "--json", MYTICKET_HOLD_SECOND="3")
    assert json.loads(said.stdout)["HOLD_SECONDS"] == {"value": "600", "source": "default"}
    (line,) = map(json.loads, said.stderr.splitlines())
    assert (line["level"], line["name"], line["meant"]) == ("warning", "MYTICKET_HOLD_SECOND", "MYTICKET_HOLD_SECONDS")


def test_a_token_is_all_that_is_printed(tmp_path):
    words = ("token", "--data", str(tmp_path / "new"), "--role", "organizer", "--company-id", "7", "--lifetime", "60")
    said = myticket(*words)
    claims = jwt.decode(said.stdout.strip(), options={"verify_signature": False})
    assert (claims["role"], claims["company_id"]) == ("organizer", 7)
    assert claims["exp"] - claims["iat"] == 60
    assert said.stdout.count("\n") == 1
    assert (tmp_path / "new" / "issuer.pem").stat().st_mode & 0o077 == 0


WITHOUT_ITS_ID = ("--role", "organizer")
OF_ANOTHER_ROLE = (("--role", "admin", "--customer-id", "1"), ("--role", "customer", "--company-id", "1"))


@pytest.mark.parametrize("words", [WITHOUT_ITS_ID, *OF_ANOTHER_ROLE])
def test_an_id_goes_with_its_role(words, tmp_path):
    said = myticket("token", "--data", str(tmp_path), *words)
    assert "goes with --role" in said.stderr
    assert said.exit_code == 2


BEYOND = str(LARGEST + 1)


@pytest.mark.parametrize(
    "words",
    [
        ("payments", "retry", BEYOND),
        ("notifications", "resend", BEYOND),
        ("notifications", "list", "--customer", BEYOND),
        ("notifications", "list", "--company", BEYOND),
        ("notifications", "list", "--limit", BEYOND),
        ("token", "--role", "customer", "--customer-id", BEYOND),
        ("token", "--role", "admin", "--lifetime", BEYOND),
        ("demo", "--exit", "--port", "65536"),
        ("demo", "--exit", "--port", "0"),
    ],
)
def test_a_number_that_nothing_can_hold_is_a_wrong_word(words, tmp_path):
    result = myticket(*words, MYTICKET_DATA=str(tmp_path))
    assert result.exit_code == 2
    assert f"{words[-1]} is not in the range" in result.output


def test_stores_are_migrated_one_or_all(tmp_path):
    assert myticket("migrate", "pay", "--data", str(tmp_path)).stdout == "pay: at this version's schema\n"
    assert [file.name for file in tmp_path.glob("*.sqlite")] == ["pay.sqlite"]
    assert myticket("migrate", "all", "--data", str(tmp_path)).exit_code == 0
    assert len(list(tmp_path.glob("*.sqlite"))) == 6


def test_a_service_may_have_its_store_elsewhere(tmp_path):
    elsewhere = tmp_path / "elsewhere.sqlite"
    myticket("migrate", "pay", "--data", str(tmp_path / "data"), DATABASE_URL=f"sqlite:///{elsewhere}")
    assert elsewhere.exists()
    assert not list((tmp_path / "data").glob("*.sqlite"))


@pytest.mark.parametrize("words", [("up", "--port", "0"), ("migrate", "all"), ("audit",), ("dlq", "list")])
@pytest.mark.parametrize("name", ["DATABASE_URL", "MYTICKET_DATABASE_URL"])
async def test_the_store_of_one_service_is_that_of_no_command_on_all(words, name, tmp_path):
    data = tmp_path / "data"
    said, code = await refused(*words, "--data", str(data), **{name: f"sqlite:///{tmp_path}/x.sqlite"})
    assert said.startswith(f"myticket: {name} is the store of one service; say TICKET_DATABASE_URL, ")
    assert (code, list(tmp_path.iterdir())) == (1, [])


@pytest.mark.parametrize(
    "words, name",
    [
        (("migrate", "book"), "BOOK_DATABASE_URL"),
        (("migrate", "all"), "MYTICKET_BOOK_DATABASE_URL"),
        (("migrate", "book"), "DATABASE_URL_FILE"),
        (("dlq", "list", "ticket"), "DATABASE_URL"),
        (("payments", "retry", "1"), "PAY_DATABASE_URL"),
        (("notifications", "list"), "ALARM_DATABASE_URL"),
    ],
)
async def test_a_store_that_cannot_be_used_is_told_with_the_setting_that_says_it(words, name, tmp_path):
    nobody = "postgresql://nobody@127.0.0.1:1/x"
    (tmp_path / "url").write_text(nobody)
    told = {name: str(tmp_path / "url") if name.endswith("_FILE") else nobody, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    said, code = await refused(*words, MYTICKET_DATA=str(tmp_path), **told)
    assert f"postgresql://127.0.0.1:1/x ({name}) cannot be used: " in said
    assert code == 1


async def test_the_pages_are_made_anew_from_the_log(tmp_path):
    settings = Settings(data=tmp_path)
    stores = places.stores(settings)
    for name in ("log", "ticket", "mypage"):
        migrate(stores[name], name)
    async with composed(settings, stores, ["ticket", "mypage"]) as containers:
        register = containers["ticket"].api().register
        await register(Register(company_id=1, price=15000), Cause(id="c", correlation_id="case"))
        envelopes = await containers["ticket"].outbox().pending(10)
        await containers["ticket"].publisher().publish(envelopes)
    summary = json.loads(await run("rebuild", "mypage", "--data", str(tmp_path), "--json"))
    assert summary == {"records": 1, "unreadable": 0, "differences": ["ticket 1"]}
    assert (await run("rebuild", "mypage", "--data", str(tmp_path))).splitlines() == [
        "1 records read, 0 of them unreadable",
        "0 pages differed",
    ]


async def test_a_log_without_what_is_shown_is_said_in_one_line(tmp_path):
    settings = Settings(data=tmp_path)
    stores = places.stores(settings)
    for name in ("log", "mypage"):
        migrate(stores[name], name)
    async with composed(settings, stores, ["mypage"]) as containers:
        await project(containers["mypage"].projection(), registered(6))
    rebuild = ("rebuild", "mypage", "--data", str(tmp_path))
    process = await asyncio.create_subprocess_exec(*command(*rebuild), stderr=asyncio.subprocess.PIPE)
    said = (await process.communicate())[1].decode()
    assert process.returncode == 1
    assert re.findall("^myticket: the log says nothing of 1 of the pages .* --force .*", said, re.MULTILINE) == [
        said.splitlines()[-1]
    ]
    assert (await run(*rebuild, "--force")).splitlines()[1:] == ["1 pages differed", "  ticket 6"]
