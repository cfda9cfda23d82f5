"""A way to people that does not work is told: in the log once, at /metrics as long as it is so."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from adapters.system import concurrently
from apps.gauges import Gauges
from apps.reaching import Way
from apps.trying import ALONE, Tried
from myticket_core.errors import Rejected, Unavailable
from myticket_core.notification.model import EMAIL, Message, Notification, NotificationId
from myticket_core.notification.ports import REFUSED, Full
from tests.services.test_alerts import FILE

NO = Rejected(REFUSED, "the mail server refused the recipient: 550")
AWAY = Unavailable("the mail server cannot be asked (OSError)", timedelta(seconds=1))
SAID = Message(event_id="e", event="Booked", channel=EMAIL, text="Hello", correlation_id="c", customer_id=5)
ONE = Notification.new(NotificationId(1), SAID, datetime(2026, 11, 27, tzinfo=UTC), ())
ANOTHER = evolve(ONE, message=evolve(SAID, customer_id=6))


class Mails:
    name = EMAIL

    def __init__(self, *answers: Exception | None) -> None:
        self._answers = list(answers)

    async def send(self, notification: Notification) -> None:
        if (answer := self._answers.pop(0)) is not None:
            raise answer


class Alarm:
    def __init__(self, channel: Tried) -> None:
        self._ways = [Way(channel, 8, concurrently)]

    def elsewhere(self) -> list[Way]:
        return self._ways


async def test_that_it_fails_is_said_once_and_shown_until_it_works() -> None:
    channel, registry = Tried(Mails(AWAY, AWAY, AWAY, None)), CollectorRegistry()
    Gauges({"alarm": Alarm(channel)}, registry).channels()
    shown = list[float | None]()
    with capture_logs() as lines:
        for notification in (ONE, ONE, ANOTHER, ANOTHER):
            with suppress(Unavailable):
                await channel.send(notification)
            shown.append(registry.get_sample_value("myticket_channel_failures", {"channel": EMAIL}))
    assert shown == [1, 1, 2, 0], "one mailbox that is full is no server that is away"
    assert [line["event"] for line in lines] == ["messages not sent, will go on trying", "messages are sent again"]
    assert lines[0]["error"] == f"Unavailable: {AWAY}"


async def test_one_who_is_refused_is_not_told_and_says_nothing_of_others() -> None:
    nobody = (Rejected("no_contact", "gone"), Rejected("gone", "gone"), Full("as many as may be"))
    channel = Tried(Mails(*nobody, *[NO] * 3, None))
    with capture_logs() as lines:
        for failures in (0, 0, 0, 1, 1, 1, 0):
            with suppress(Rejected, Unavailable):
                await channel.send(ONE)
            assert channel.failures == failures
    assert lines == []


async def test_when_one_after_the_other_is_refused_that_is_told_once() -> None:
    """It may be about us, whatever the server says."""
    channel = Tried(Mails(*[NO] * 8, None))
    with capture_logs() as lines:
        for number in range(1, 9):
            with pytest.raises(Rejected):
                await channel.send(evolve(ONE, message=evolve(SAID, customer_id=number)))
            assert (channel.failures, len(lines)) == (number, number > ALONE)
        await channel.send(ONE)
    assert channel.failures == 0
    assert [line["event"] for line in lines] == [
        "messages not sent, each recipient is refused",
        "messages are sent again",
    ]


def test_so_many_are_told_by_the_alert_too() -> None:
    assert f"(myticket_channel_failures) > {ALONE}\n" in FILE.read_text()
