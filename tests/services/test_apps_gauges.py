"""What /metrics says of the inner life of a service."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve
from prometheus_client import CollectorRegistry

from adapters.persistence import migrate, writer
from adapters.system import SystemClock
from apps import places
from apps.composing import composed
from apps.gauges import Gauges
from apps.settings import Settings
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause, Envelope
from myticket_core.ports import Parked, Record
from myticket_core.ticket.events import TicketRegistered
from myticket_core.ticket.register import Register
from tests.services.rest_world import START
from tests.services.test_persistence_trouble import impatient, locked

__all__ = ["impatient"]


@pytest.fixture
async def containers(tmp_path):
    settings = Settings(data=tmp_path)
    stores = places.stores(settings)
    for name in ("log", "ticket"):
        migrate(stores[name], name)
    async with composed(settings, stores, ["ticket"]) as made:
        yield made


async def test_what_waits_and_what_is_parked(containers):
    registry = CollectorRegistry()
    gauges = Gauges(containers, registry)
    await gauges._look()
    assert _figures(registry) == {"outbox_oldest_seconds": 0, "parked_keys": 0}
    ticket = containers["ticket"]
    await ticket.api().register(Register(company_id=1, price=1), Cause(id="a", correlation_id="a"))
    parked = Parked("id", "ticket", "7", Record(1, "7", b"{}", {}), "why", SystemClock().now())
    await ticket.parking().park(parked)
    await ticket.parking().park(evolve(parked, id="of nobody knows what", key=None))
    await gauges._look()
    figures = _figures(registry)
    assert figures["parked_keys"] == 2
    assert 0 < figures["outbox_oldest_seconds"] < 60


async def test_what_a_service_has_still_to_deal_with(containers):
    registry, log = CollectorRegistry(), containers["ticket"].log()
    gauges = Gauges(containers, registry)
    of = "myticket_events_behind", {"service": "ticket"}
    event = TicketRegistered(id=7, version=1, company_id=1, price=1)
    said = [Envelope.seal(event, Cause(id="c", correlation_id="c"), str(number), START) for number in range(3)]
    await log.publisher().publish(said)
    await gauges._look()
    assert registry.get_sample_value(*of) == 3
    reader = log.reader("ticket")
    await reader.commit(await reader.read(2, timedelta(0)))
    await gauges._look()
    assert registry.get_sample_value(*of) == 1


async def test_a_look_takes_no_news_from_the_relay(containers):
    """What was said since it last read the outbox ends its waiting, whoever has looked meanwhile."""
    ticket, outbox = containers["ticket"], containers["ticket"].outbox()
    assert await outbox.pending(1) == []
    await ticket.api().register(Register(company_id=1, price=1), Cause(id="a", correlation_id="a"))
    await Gauges(containers, CollectorRegistry())._look()
    async with asyncio.timeout(5):
        await outbox.wait(timedelta(seconds=60))


async def test_a_worker_that_fails_shows(containers):
    registry = CollectorRegistry()
    gauges = Gauges(containers, registry)
    worker = gauges.worker()
    gauges.watch([worker])
    worker.failures = 3
    worker.beat_at -= timedelta(seconds=100).total_seconds()
    assert registry.get_sample_value("myticket_worker_failures", {"worker": "figures"}) == 3
    assert registry.get_sample_value("myticket_worker_silent_seconds", {"worker": "figures"}) >= 100


class Away:
    def parking(self):
        raise Unavailable("the store is away")


async def test_a_store_that_does_not_answer_shows_until_it_does(containers, monkeypatch):
    """The other figures stay as they were last read, and look well."""
    registry = CollectorRegistry()
    gauges = Gauges(containers, registry)
    of = "myticket_store_trouble", {"service": "ticket"}
    with monkeypatch.context() as away:
        away.setattr(gauges, "_containers", {"ticket": Away()})
        with pytest.raises(Unavailable):
            await gauges._look()
        assert registry.get_sample_value(*of) == 1
    await gauges._look()
    assert registry.get_sample_value(*of) == 0


async def test_who_is_behind_a_store_that_is_away_is_looked_at(containers, monkeypatch):
    registry = CollectorRegistry()
    gauges = Gauges(containers, registry)
    monkeypatch.setattr(gauges, "_containers", {"book": Away(), "ticket": containers["ticket"]})
    with pytest.raises(Unavailable):
        await gauges._look()
    away = [registry.get_sample_value("myticket_store_trouble", {"service": name}) for name in ("book", "ticket")]
    assert away == [1, 0]


async def test_a_store_that_is_away_is_told_once_and_not_said_to_be_back():
    """Every step fails until it is there: one between two looks would do well, and be told as a recovery."""
    step = Gauges({"ticket": Away()}, CollectorRegistry()).worker().step
    for _ in range(3):
        with pytest.raises(Unavailable):
            await step()


async def test_a_store_that_is_read_and_takes_no_writes_shows(tmp_path, impatient, containers, monkeypatch):
    """Until one is taken, or nobody has anything to write any more."""
    registry, register = CollectorRegistry(), containers["ticket"].api().register
    gauges = Gauges(containers, registry)
    gauges.stores()

    def shown():
        names = ("myticket_store_trouble", "myticket_store_unwritten")
        return tuple(registry.get_sample_value(name, {"service": "ticket"}) for name in names)

    with locked(tmp_path / "ticket.sqlite"):
        with pytest.raises(Unavailable):
            await register(Register(company_id=1, price=1), Cause(id="a", correlation_id="a"))
        await gauges._look()
        assert shown() == (0, 1)
        with monkeypatch.context() as later:
            later.setattr(writer, "LATELY", 0)
            assert shown() == (0, 0)
    await register(Register(company_id=1, price=1), Cause(id="a", correlation_id="a"))
    assert shown() == (0, 0)


def _figures(registry):
    of = {"service": "ticket"}
    return {
        name: registry.get_sample_value(f"myticket_{name}", of) for name in ("outbox_oldest_seconds", "parked_keys")
    }
