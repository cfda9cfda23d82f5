"""Every place where a process may die between two things that belong together: commits, sends, acknowledgements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen

ASKED: Final = ("ticket", "book", "pay")
"""They have something to say, and an outbox."""
SQL: Final = (*ASKED, "alarm")
ALL: Final = (*SQL, "mypage")


def always(*_: Any) -> bool:
    return True


@frozen
class Point:
    """A call of `target`, "module:Class.method"; `of` says by its arguments whether it is meant."""

    name: str
    target: str
    services: tuple[str, ...]
    of: Callable[..., bool] = always


def writes(statement: str, status: str | None = None) -> Callable[..., bool]:
    """Of a commit: one that runs such a statement, with such a status in one of its rows."""

    def of(_: Any, steps: Any, **__: Any) -> bool:
        found = [(sql[sql.index(f"{statement} ") :], rows) for sql, rows in steps if f"{statement} " in sql]
        return any(status in (None, *_given(sql, rows)) for sql, rows in found)

    return of


def _given(sql: str, rows: Any) -> Iterator[Any]:
    """The values in the rows of the statement that the text begins with; others may follow it in the same trip."""
    numbers = [int(number) - 1 for number in re.findall(r"\$(\d+)", sql.partition(" AS rows_")[0])]
    for value in (row[number] for row in rows for number in numbers):
        yield from value if isinstance(value, tuple) else (value,)


def commits(name: str, service: str, statement: str, status: str | None = None) -> Point:
    return Point(f"commit {name}", LINK + "commit", (service,), writes(statement, status))


def begun(_: Any, steps: Any, *__: Any) -> bool:
    return bool(steps)


def answers_a_request(cycle: Any, message: Any) -> bool:
    """Not to a probe; the head of the answer goes first."""
    return cycle.scope["method"] in ("POST", "DELETE") and message["type"] == "http.response.body"


LINK: Final = "adapters.persistence.postgres.link:PgLink."
HTTP: Final = "uvicorn.protocols.http.httptools_impl:RequestResponseCycle.send"
BANK: Final = "adapters.providers.sandbox:Sandbox."
PAYMENTS: Final = "adapters.rest.client_payments:HttpPayments."

POINTS: Final = (
    Point("begin", LINK + "begin", SQL, begun),
    commits("a ticket", "ticket", "INSERT INTO tickets"),
    commits("a deletion", "ticket", "UPDATE tickets", "DELETED"),
    commits("a hold", "book", "INSERT INTO bookings"),
    commits("a confirmation", "book", "UPDATE bookings", "BOOKED"),
    commits("a refusal", "book", "UPDATE bookings", "DECLINED"),
    commits("a lapse", "book", "UPDATE bookings", "EXPIRED"),
    commits("a cancel", "book", "UPDATE bookings", "CANCELED"),
    commits("a closed sale", "book", "UPDATE sales"),
    commits("a charge to be made", "pay", "INSERT INTO payments", "REQUESTED"),
    commits("an approval", "pay", "UPDATE payments", "APPROVED"),
    commits("a refund to be made", "pay", "UPDATE payments", "CANCELING"),
    commits("a refund taken on", "pay", "UPDATE payments", "PENDING"),
    commits("a refund that failed", "pay", "UPDATE payments", "FAILED"),
    commits("a refund", "pay", "UPDATE payments", "CANCELED"),
    commits("a notification", "alarm", "INSERT INTO notifications", "DELIVERED"),
    Point("commit of what was heard", LINK + "commit", SQL, writes("INSERT INTO inbox")),
    Point("commit of what is published", LINK + "commit", ASKED, writes("UPDATE outbox")),
    Point("write pages", "adapters.persistence.mongo.driver:replace", ("mypage",)),
    Point("send one record", "adapters.kafka.producing:_begun", ASKED),
    Point("wait for confirmation", "adapters.kafka.producing:_flush", ASKED),
    Point("publish", "adapters.kafka.publisher:KafkaPublisher.publish", ASKED),
    Point("commit offsets", "adapters.kafka.member:Member.commit", ALL),
    Point("handle", "myticket_core.reacting:Consumer.handle", ALL),
    Point("answer", HTTP, ASKED, answers_a_request),
    Point("ask for payment", PAYMENTS + "request", ("book",)),
    Point("ask what became of a payment", PAYMENTS + "find", ("book",)),
    Point("ask for a ticket", "adapters.rest.client_catalog:HttpCatalog.terms", ("book",)),
    Point("charge", BANK + "charge", ("pay",)),
    Point("ask what became of a charge", BANK + "find", ("pay",)),
    Point("refund", BANK + "refund", ("pay",)),
    Point("ask what became of a refund", BANK + "find_refund", ("pay",)),
)
