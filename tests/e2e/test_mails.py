"""Payments are told of by e-mail while the mail server, and then alarm, are killed: one mail each, none missing.

The organizer has one of all the bookings that came within a minute.

More of it, with what alarm had in hand tried again by itself after its quarter of an hour:
MYTICKET_TEST_MAILS=10000 python -m pytest tests/e2e/test_mails.py -s
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.notify.email import message_id
from adapters.notify.lines import MOST
from adapters.persistence import Database, SqlLog, migrate
from adapters.system import RandomIds, SystemClock
from apps.reaching import FEW, MAILING
from myticket_core.booking.events import Booked
from myticket_core.messages import Cause, Envelope
from myticket_core.notification.deliver import IN_HAND
from myticket_core.notification.model import EMAIL, Message
from myticket_core.payment.events import PaymentApproved
from tests.e2e.system import System
from tests.services.stores import url_of
from tests.services.test_email import SENDER, serving
from tests.until import until

MANY = int(os.environ.get("MYTICKET_TEST_MAILS", "200"))
AT_LENGTH = MANY >= 1000
KILLS = max(1, MANY // 1000)
BUYERS, BOOKED = max(20, MANY // 10), 25
"""So many that none of them gets more mails than go at once."""
CASE = Cause(id="request", correlation_id="case")


def buyer(number: int) -> int:
    return number % BUYERS + 1


def approved(number: int) -> Envelope:
    said = PaymentApproved(
        id=number, version=1, book_id=number, ticket_id=1, price=15000, company_id=1, customer_id=buyer(number)
    )
    return Envelope.seal(said, CASE, f"event-{number}", datetime.now(UTC))


def booked(number: int) -> Envelope:
    said = Booked(id=number, version=1, ticket_id=1, price=15000, company_id=1, customer_id=buyer(number))
    return Envelope.seal(said, CASE, f"booked-{number}", datetime.now(UTC))


def mail_of(number: int) -> str:
    """The Message-ID of the one mail about it."""
    said = {"event": "PaymentApproved", "channel": EMAIL, "text": "", "correlation_id": "case"}
    return message_id(Message(event_id=f"event-{number}", customer_id=buyer(number), **said), SENDER)


async def happen(folder: Path, said: Sequence[Envelope]) -> None:
    migrate(url_of(folder, "log"), "log")
    db = await Database.open(url_of(folder, "log"), "log", SystemClock(), RandomIds())
    await SqlLog(db).publisher().publish(said)
    await db.close()


def count(folder: Path, what: str) -> int:
    with closing(sqlite3.connect(folder / "alarm.sqlite")) as store:
        found: int = store.execute(f"SELECT count(*) FROM notifications WHERE {what}").fetchone()[0]
    return found


def time_passes(folder: Path) -> None:
    """For what the dead process had in hand, what waits for others, and what may have arrived."""
    long = int(MAILING.total_seconds() * 1_000_000)
    earlier = ", ".join(f"{it} = {it} - {long}" for it in ("due_at", "waits_until", "created_at"))
    with closing(sqlite3.connect(folder / "alarm.sqlite")) as store, store:
        store.execute(f"UPDATE notifications SET {earlier} WHERE status = 'QUEUED'")


def arrived(server: Any) -> int:
    return server.file.read_bytes().count(b"\n") if server.file.exists() else 0


@pytest.mark.slow
async def test_one_mail_each_though_the_server_and_alarm_are_killed(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        settings = {"MYTICKET_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "MYTICKET_SMTP_SENDER": SENDER}
        async with System(tmp_path, settings, words=("serve", "alarm")) as alarm:
            known(tmp_path, **{f"{number}/": f"buyer-{number}@example.com" for number in range(1, BUYERS + 1)})
            known(tmp_path, **{"/1": "hall@example.com"})
            began = time.monotonic()
            approvals = [approved(number) for number in range(1, MANY + 1)]
            await happen(tmp_path, [*(booked(number) for number in range(1, BOOKED + 1)), *approvals])
            await the_server_dies(tmp_path, server)
            by_server = repeated(server)
            for kill in range(1, KILLS + 1):
                await until(lambda kill=kill: arrived(server) >= MANY // 2 + MANY * kill // 2 // (KILLS + 1), 600)
                await alarm.kill()
                if not AT_LENGTH:
                    time_passes(tmp_path)
                await alarm.start()
            sent = "channel = 'email' AND status = 'DELIVERED'"
            await until(lambda: count(tmp_path, sent) == MANY + 1, 2 * MAILING.seconds)
            took = time.monotonic() - began
        by_alarm = repeated(server) - by_server
        again = f"again: {by_server} as the server died, {by_alarm} by {KILLS} kills of alarm"
        print(f"\n{MANY} mails in {took:.1f} s; {again}")
        subjects = {it["id"]: it["subject"] for it in server.taken}
        (digest,) = subjects.keys() - {mail_of(number) for number in range(1, MANY + 1)}
        assert len(subjects) == MANY + 1, "one mail each"
        assert subjects[digest] == f"새 예매 {BOOKED}건 / {BOOKED} new bookings"
        assert by_server <= MOST, "at most what was on a line when it died"
        assert by_alarm < 2 * FEW * KILLS, "at most what alarm had in hand each time"
        assert count(tmp_path, "channel = 'in-app' AND status = 'DELIVERED'") == MANY + BOOKED


async def test_an_address_is_told_things_once_what_arrived_there_was_said_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        settings = {"MYTICKET_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "MYTICKET_SMTP_SENDER": SENDER}
        async with System(tmp_path, settings, words=("serve", "alarm")) as alarm:
            token = await alarm.customer(2)
            put = await alarm.ask("PUT", "/contacts/email", token, {"address": "kim@example.com"})
            assert (put.status, put.body["confirmed"]) == (200, False), put
            await happen(tmp_path, [approved(1)])
            await until(lambda: arrived(server) and count(tmp_path, "channel = 'in-app'"), IN_HAND.seconds)
            (asks,) = server.taken
            (code,) = re.findall(r"give this code while signed in: ([0-9a-f]{32})\.", asks["parts"]["text/plain"])
            said = await alarm.ask("POST", "/contacts/email/confirmation", token, {"code": code})
            assert (said.status, said.body["confirmed"]) == (200, True), said
            await happen(tmp_path, [approved(1 + BUYERS)])
            await until(lambda: arrived(server) == 2, IN_HAND.seconds)
            assert [it["id"] for it in server.taken] == [asks["id"], mail_of(1 + BUYERS)]


def known(folder: Path, **addresses: str) -> None:
    """As they are in the store of a program of before."""
    put = "INSERT INTO contacts (recipient, channel, address, wanted) VALUES (?, 'email', ?, 1)"
    with closing(sqlite3.connect(folder / "alarm.sqlite")) as store, store:
        store.executemany(put, addresses.items())


async def the_server_dies(folder: Path, server: Any) -> None:
    """And is there again when some mails have failed; until half of all have arrived."""
    await until(lambda: arrived(server) >= MANY // 8, 300)
    await server.kill()
    assert arrived(server) < MANY, "it was killed midway"
    await until(lambda: count(folder, "channel = 'email' AND status = 'QUEUED' AND attempts > 0") > 0, IN_HAND.seconds)
    await server.start()
    await until(lambda: arrived(server) >= MANY // 2, 300)


def repeated(server: Any) -> int:
    ids = [it["id"] for it in server.taken]
    return len(ids) - len(set(ids))
