"""Each change that would break a consumer is planted once, and seen. Without it all is well, says test_providers.py."""

import importlib
import json
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

import adapters.persistence.log
import myticket_core
from adapters.rest import problems
from adapters.rest.payments import Payments
from apps.composing import composed
from apps.event_schemas import CONSUMERS, PUBLISHED
from apps.places import SERVICES, stores
from apps.settings import Settings
from myticket_core.messages import Event, event
from myticket_core.notification import compose
from myticket_core.payment.events import PaymentApproved
from myticket_core.wire import encode
from tests.contracts.coverage import gaps
from tests.contracts.hearing import alarm_hears
from tests.contracts.pacts import Pacts
from tests.contracts.provider import Provider, migrated
from tests.contracts.verifying import verified
from tests.contracts.written import FOLDER


def test_everything_said_and_heard_has_a_contract() -> None:
    assert gaps() == []


def test_a_published_event_without_a_consumer_is_seen() -> None:
    @event
    class Rebooked(Event):
        SOURCE: ClassVar[str] = "book"
        id: int
        version: int | None = None

    assert gaps([*PUBLISHED, Rebooked]) == ["Rebooked is published and has no consumer"]


def test_a_policy_without_a_contract_is_seen() -> None:
    more = {**CONSUMERS, "book": {**CONSUMERS["book"], PaymentApproved: print}}
    assert gaps(consumers=more) == ["book reacts to PaymentApproved without a contract"]


def test_a_new_consumer_without_a_contract_is_seen() -> None:
    assert gaps(consumers={**CONSUMERS, "newcomer": {PaymentApproved: print}}) == [
        "newcomer reacts to PaymentApproved without a contract"
    ]


def test_a_contract_without_a_policy_is_seen() -> None:
    assert gaps(consumers={**CONSUMERS, "pay": {}}) == [
        "pay has a contract about BookCanceled, which it does not react to"
    ]


def test_a_consumer_elsewhere_needs_no_policy_here(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "pacts", tmp_path / "pacts")
    theirs = json.loads((FOLDER / "pacts/alarm-pay.json").read_bytes()) | {"consumer": {"name": "elsewhere"}}
    (tmp_path / "pacts/others").mkdir(exist_ok=True)
    (tmp_path / "pacts/others/elsewhere-pay.json").write_text(json.dumps(theirs), encoding="utf-8")
    assert gaps(pacts=tmp_path / "pacts") == []


def test_every_event_class_counts_as_published() -> None:
    for module in pkgutil.walk_packages(myticket_core.__path__, "myticket_core."):
        if "conformance" not in module.name:
            importlib.import_module(module.name)
    ours = {kind for kind in Event.__subclasses__() if kind.__module__.startswith("myticket_core.")}
    assert ours == set(PUBLISHED)


async def test_the_context_map_is_what_runs(tmp_path: Path) -> None:
    migrated(tmp_path / "stores")
    settings = Settings(data=tmp_path / "stores")
    async with composed(settings, stores(settings), SERVICES) as containers:
        assert {name: containers[name].consumer().whenever for name in SERVICES} == CONSUMERS


async def test_a_consumer_that_uses_more_than_its_contract_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = compose.Template(compose.COMPANY, "{id} / {id} of {customer_id}")
    monkeypatch.setitem(compose.TEMPLATES, "Booked", (greedy,))
    with pytest.raises(AssertionError, match="contract does not bring"):
        await alarm_hears(Pacts())


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Provider]]:
    running = {name: Provider(name, tmp_path_factory.mktemp(name)) for name in ("book", "pay")}
    for provider in running.values():
        provider.start()
    yield running
    for provider in running.values():
        provider.stop()


Change = Callable[[dict[str, Any]], object]


def renamed(old: str, new: str) -> Change:
    return lambda members: members.update({new: members.pop(old)})


def text(name: str) -> Change:
    return lambda members: members.update({name: str(members[name])})


def said(name: str, value: Any) -> Change:
    return lambda members: members.update({name: value})


def without(name: str) -> Change:
    return lambda members: members.pop(name)


EVENTS = [
    ("pay-book", "BookCanceled", renamed("customerId", "buyerId")),
    ("alarm-book", "Booked", renamed("price", "amount")),
    ("mypage-book", "Booked", text("ticketId")),
    ("pay-book", "BookCanceled", text("startDate")),
    ("alarm-book", "BookCanceled of an expired hold", said("status", "CANCELED")),
    ("mypage-book", "BookCanceled", without("status")),
    ("mypage-book", "Booked", said("eventType", "BookingMade")),
]


def altered(event: str, change: Change, header: str | None = None) -> Any:
    """What would write `event` otherwise than now."""

    def write(envelope: Any) -> Any:
        value, headers = encode(envelope)
        if envelope.type != event:
            return value, headers
        members = json.loads(value)
        change(members)
        return json.dumps(members).encode(), {name: text for name, text in headers.items() if name != header}

    return write


@pytest.mark.parametrize("pact, message, change", EVENTS)
def test_a_changed_event_breaks_its_consumers(
    providers: dict[str, Provider], monkeypatch: pytest.MonkeyPatch, pact: str, message: str, change: Change
) -> None:
    monkeypatch.setattr(adapters.persistence.log, "encode", altered(message.split()[0], change))
    assert len(verified(providers["book"], FOLDER / f"pacts/{pact}.json", only=message)) == 1


@pytest.mark.parametrize("header", ["ce_id", "ce_aggregateversion", "ce_correlationid"])
def test_a_missing_header_breaks_its_consumers(
    providers: dict[str, Provider], monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    monkeypatch.setattr(adapters.persistence.log, "encode", altered("Booked", lambda _: None, header))
    (wrong,) = verified(providers["book"], FOLDER / "pacts/mypage-book.json", only="Booked")
    assert header in wrong


PAYMENTS = [
    ("a charge", renamed("bookId", "bookingId")),
    ("a charge", text("price")),
    ("a charge", said("status", "PAID")),
    ("a look at the payment of what was refunded", said("status", "REFUNDED")),
    ("a look at the payment of what is paid", without("customerId")),
]


@pytest.mark.parametrize("question, change", PAYMENTS)
def test_a_changed_payment_breaks_booking(
    providers: dict[str, Provider], monkeypatch: pytest.MonkeyPatch, question: str, change: Change
) -> None:
    body = Payments.body

    def answered(self: Payments, payment: Any) -> Any:
        members = msgspec.to_builtins(body(self, payment))
        change(members)
        return members

    monkeypatch.setattr(Payments, "body", answered)
    assert len(_asked_of_pay(providers, question)) == 1


def test_a_changed_status_breaks_booking(providers: dict[str, Provider], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of HTTP: pay says that a booking is called off, but not as booking was promised."""
    question = "a charge of what is called off"
    monkeypatch.setitem(problems.TITLES, "void", (410, "Gone"))
    (wrong,) = _asked_of_pay(providers, question)
    assert "expected 409 but was 410" in wrong


def _asked_of_pay(providers: dict[str, Provider], question: str) -> list[str]:
    return verified(providers["pay"], FOLDER / "pacts/book-pay.json", only=question)
