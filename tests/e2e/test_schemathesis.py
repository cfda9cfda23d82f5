"""Schemathesis reads the system's own description and looks for an answer that it does not describe.

More of it by hand: MYTICKET_TEST_EXAMPLES=200 python -m pytest -s tests/e2e/test_schemathesis.py
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.e2e.system import System

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

EXAMPLES = os.environ.get("MYTICKET_TEST_EXAMPLES", "8")
SEED = os.environ.get("MYTICKET_TEST_SEED", "20261122")
SLOWEST = "5"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
FEWEST = 200
HURRIED = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
"""
"""Who waits for no time at all for a charge is told that it was not made."""
ENDLESS = ("--exclude-operation-id", "streamMypages", "--exclude-operation-id", "streamGuestManagementPages")
"""It waits for the end of what it reads."""
BRIEF, FULL = "examples,fuzzing", "examples,coverage,fuzzing"


async def _tried(system: System, folder: Path, token: str, phases: str, *options: str) -> int:
    """How many cases were tried; fails with what Schemathesis says of the first that is wrong, its request included."""
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{system.url}/schema/openapi.json"),
        *("--header", f"Authorization: Bearer {token}", "--checks", CHECKS, "--max-response-time", SLOWEST),
        *ENDLESS,
        *("--phases", phases, "--max-examples", EXAMPLES, "--seed", SEED),
        *("--generation-database", "none", "--warnings", "off", "--no-color", *options),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()
    found = re.search(r"(\d+) generated, (\d+) passed$", told, re.MULTILINE)
    assert process.returncode == 0, told
    assert found, told
    assert found[1] == found[2], told
    return int(found[1])


async def _something_to_find(system: System) -> None:
    """Tickets and bookings of the ids that the description's examples have."""
    for _ in range(6):
        order = {"ticketId": await system.ticket()}
        assert (await system.ask("POST", "/books", await system.customer(), order)).status == 201


async def test_every_answer_to_every_role_is_described(system: System, tmp_path: Path) -> None:
    """All of Schemathesis' boundaries for the admin, who may do everything; the others meet its random requests.

    The admin pays last, since what is paid for a booking that nobody made contradicts, and the audit says so.
    """
    await _something_to_find(system)
    admin = await system.admin()
    tried = {
        "customer": await _tried(system, tmp_path, await system.customer(), BRIEF),
        "organizer": await _tried(system, tmp_path, await system.organizer(), BRIEF),
        "admin": await _tried(system, tmp_path, admin, FULL, "--exclude-operation-id", "approvePayment"),
    }
    assert not (await system.audit())["violations"]
    (tmp_path / "schemathesis.toml").write_text(HURRIED)
    tried["admin, payments"] = await _tried(system, tmp_path, admin, FULL, "--include-operation-id", "approvePayment")
    print(f"\ncases tried: {tried}")
    assert all(tried[role] >= FEWEST for role in ("customer", "organizer", "admin")), tried
    await _unhurt(system)


async def _unhurt(system: System) -> None:
    ticket = await system.ticket()
    answer = await system.ask("POST", "/books", await system.customer(), {"ticketId": ticket})
    assert (answer.status, answer.body["status"]) == (201, "BOOKED"), answer
    log = (system.data / "up.log").read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
    assert '"level":"error"' not in log
