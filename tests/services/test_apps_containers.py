"""Every provider of every container gives a plain object, made once; what only describes needs no store."""

import asyncio
import inspect
import json
from datetime import timedelta

import pytest
from attrs import evolve
from dependency_injector.providers import Singleton

from apps import places
from apps.composing import composed
from apps.describing import document
from apps.places import SERVICES
from apps.runtime import Worker
from apps.settings import Settings
from myticket_core.money import Currency
from tests.services.stores import put

WORKERS = {
    "ticket": {"ticket relay", "ticket consumer", "ticket forgetting"},
    "book": {
        "book relay",
        "book consumer",
        "book forgetting",
        "book expire",
        "book offers",
        "book reconcile",
        "book line",
        "book campaign",
    },
    "pay": {"pay relay", "pay consumer", "pay forgetting", "pay hints", "pay settle"},
    "alarm": {"alarm consumer", "alarm forgetting", "alarm delivery in-app"},
    "mypage": {"mypage consumer"},
}


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path)


@pytest.fixture
def stores(settings):
    urls = places.stores(settings)
    for name in ("log", *SERVICES):
        put(settings.data, name)
    return urls


@pytest.mark.parametrize("service", SERVICES)
async def test_every_provider_gives_a_plain_object(settings, stores, service):
    async with composed(settings, stores, SERVICES) as containers:
        container = containers[service]
        for name, provider in container.providers.items():
            made = provider()
            assert not inspect.isawaitable(made), name
            assert not asyncio.isfuture(made), name
            if isinstance(provider, Singleton):
                assert provider() is made, name


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_has_its_workers(settings, stores, service):
    async with composed(settings, stores, SERVICES) as containers:
        workers = containers[service].workers()
        assert all(isinstance(worker, Worker) for worker in workers)
        assert {worker.name for worker in workers} == WORKERS[service]


async def test_every_policy_has_a_handler(settings, stores):
    async with composed(settings, stores, SERVICES) as containers:
        for name, container in containers.items():
            consumer = container.consumer()
            assert consumer.name == name
            assert consumer.handlers
            assert set(consumer.handlers) == _commands(consumer.whenever)


@pytest.mark.parametrize(
    ("service", "with_it"), [("book", {"book", "pay"}), *((name, {name}) for name in SERVICES if name != "book")]
)
async def test_a_service_alone_has_only_what_it_needs(settings, stores, service, with_it):
    async with composed(settings, stores, [service]) as containers:
        assert set(containers) == with_it
        assert set(places.writers(settings, [service])) == with_it


async def test_what_a_service_offers_can_be_described_without_a_store(settings):
    described = json.loads(await document(settings, ["pay"]))
    assert described["openapi"].startswith("3.1")
    assert "/payments" in described["paths"]
    assert "/tickets" not in described["paths"]
    everything = json.loads(await document(settings, SERVICES))
    assert {"/tickets", "/books", "/payments", "/notifications", "/mypages"} <= set(everything["paths"])


def _commands(whenever):
    """The classes of command that the policies make of an empty event."""
    return {type(policy(kind(id=1))) for kind, policy in whenever.items()}


async def test_alarm_delivers_e_mail_where_there_is_a_server(settings, stores):
    with_mail = evolve(settings, smtp_url="smtp://127.0.0.1:1")
    async with composed(with_mail, stores, SERVICES) as containers:
        names = {worker.name for worker in containers["alarm"].workers()}
        assert names == WORKERS["alarm"] | {"alarm delivery email"}
        assert containers["alarm"].compose().elsewhere == ("email",)


async def test_a_code_is_sent_over_what_there_is_and_leads_to_the_pages_where_there_are_some(settings, stores):
    said = {"smtp_url": "smtp://127.0.0.1:1", "notification_prefix": "Jazz", "pages_url": "https://jazz.example/web"}
    async with composed(evolve(settings, **said), stores, ["alarm"]) as containers:
        reach = containers["alarm"].reach()
        assert (reach.sending, reach.prefix) == (("email",), "Jazz")
        assert reach.page == "https://jazz.example/web/contacts"
    async with composed(settings, stores, ["alarm"]) as containers:
        reach = containers["alarm"].reach()
        assert (reach.sending, reach.page) == ((), None)


@pytest.mark.parametrize("days, remembered", [(3, timedelta(days=3)), (0, None)])
async def test_alarm_tells_elsewhere_of_what_is_no_older_than_it_remembers(settings, stores, days, remembered):
    async with composed(evolve(settings, retention_days=days), stores, ["alarm"]) as containers:
        assert containers["alarm"].compose().remembered == remembered


async def test_alarm_says_money_in_the_currency_of_the_prices(settings, stores):
    async with composed(evolve(settings, payment_currency="usd"), stores, ["alarm"]) as containers:
        assert containers["alarm"].compose().currency == Currency("USD", 2)
