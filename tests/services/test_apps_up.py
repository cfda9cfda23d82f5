"""`myticket up` as a process of its own: it serves, stops cleanly, keeps its data, and says in a line what is wrong."""

import asyncio
import os
import signal
import socket
import time

import pytest

from scripts.services.ports import free_port
from tests.e2e.system import System, command
from tests.until import until

STOPS_WITHIN = 20.0


@pytest.fixture
async def system(tmp_path):
    async with System(tmp_path, {"MYTICKET_LOG_LEVEL": "info"}) as running:
        yield running


async def refused(*words, **environment):
    """What a command that must not succeed says on stderr, and its exit code; it prints nothing else."""
    process = await asyncio.create_subprocess_exec(
        *command(*words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    out, errors = await asyncio.wait_for(process.communicate(), 30)
    assert not out
    assert b"Traceback" not in errors, errors.decode()
    return errors.decode().strip(), process.returncode


async def booked(system, ticket):
    answer = await system.ask("POST", "/books", await system.customer(), {"ticketId": ticket, "price": 15000})
    assert (answer.status, answer.body["status"]) == (201, "BOOKED")
    return answer.body["id"]


async def shown(system, booking):
    """The booking's page, as soon as all is there."""

    async def page():
        answer = await system.ask("GET", f"/mypages/{booking}", await system.customer())
        return answer.body if answer.body.get("paymentStatus") and answer.body.get("status") else None

    return await until(page)


async def test_what_was_booked_is_on_the_page_and_there_after_a_restart(system):
    ticket = await system.ticket()
    booking = await booked(system, ticket)
    assert (await shown(system, booking))["status"] == "BOOKED"
    began = time.monotonic()
    assert await system.stop() == 0
    assert time.monotonic() - began < STOPS_WITHIN
    await system.start()
    assert (await system.ask("GET", f"/books/{booking}", await system.customer())).body["status"] == "BOOKED"
    assert (await shown(system, booking))["paymentStatus"] == "APPROVED"
    assert (await system.ask("GET", "/livez")).status == 200


async def test_the_case_of_a_request_can_be_followed_through_the_log(system):
    ticket = await system.ticket()
    order = {"ticketId": ticket, "price": 15000}
    answer = await system.ask("POST", "/books", await system.customer(), order, X_Correlation_Id="case-1")
    await shown(system, answer.body["id"])
    lines = (system.data / "up.log").read_text().splitlines()
    told = [line for line in lines if '"correlation_id":"case-1"' in line]
    assert any('"event":"Booked"' in line for line in told)
    assert any('"event":"PaymentApproved"' in line for line in told)


async def test_the_interrupt_key_stops_it_as_well(system):
    system.process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(system.process.wait(), STOPS_WITHIN) == 0


async def test_a_port_in_use_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said, code = await refused("up", "--data", str(tmp_path), "--port", port)
    assert said == f"myticket: cannot listen on 127.0.0.1, port {port}: it is in use; choose another with --port"
    assert code == 1


async def test_a_second_one_on_the_same_data_is_told_who_has_it(system):
    said, code = await refused("up", "--data", str(system.data), "--port", str(free_port()))
    assert said == f"myticket: {system.data} is in use: process {system.process.pid} runs ticket there"
    assert code == 1


async def test_wrong_settings_are_told_all_at_once(tmp_path):
    said, code = await refused("up", "--data", str(tmp_path), "--port", "x", MYTICKET_HOLD_SECONDS="-1")
    assert said.splitlines() == [
        "myticket: --port is 'x'; allowed: a whole number from 0 to 65535",
        "myticket: MYTICKET_HOLD_SECONDS is '-1'; allowed: a number of seconds from 1 to 86400",
    ]
    assert code == 1


async def test_without_alarm_everything_else_goes_on_and_it_catches_up(tmp_path):
    without = System(tmp_path, options=("--without", "alarm"))
    async with without as system:
        booking = await booked(system, await system.ticket())
        await shown(system, booking)
        for path in ("/notifications", "/contacts/email"):
            told = await system.ask("GET", path, await system.customer())
            assert (told.status, told.body["code"], told.headers["Retry-After"]) == (503, "unavailable", "5")
    async with System(tmp_path) as system:
        await until(lambda: notified(system))


async def notified(system):
    answer = await system.ask("GET", "/notifications", await system.customer())
    return answer.body["_embedded"]["notifications"]


async def test_what_it_writes_is_its_owners_alone_in_whatever_folder(tmp_path):
    tmp_path.chmod(0o755)
    async with System(tmp_path) as system:
        await booked(system, await system.ticket())
        readable = {it.name for it in tmp_path.rglob("*") if it.stat().st_mode & 0o077}
    assert readable - {"up.log"} == set(), "that one is the test's"
