"""Stores and the log, opened where the settings say they are, and closed again in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, Final, Protocol, TypeVar

import structlog
from attrs import frozen
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_never, wait_exponential
from tenacity.stop import stop_after_attempt

from adapters.persistence import Database, SqlLog, SqlReferences, StoreClock
from adapters.providers import Sandbox
from adapters.providers.currencies import ROUNDED
from adapters.system import RandomIds, SystemClock
from apps.failures import CannotRun
from apps.kafka_security import security
from apps.places import setting, there
from apps.settings import Settings
from myticket_core.errors import Unavailable
from myticket_core.payment.ports import PaymentProvider, ReadHint
from myticket_core.ports import Clock, EventLog, EventPublisher, History

Opened = TypeVar("Opened")

LONGEST_WAIT: Final = 5.0
"""Seconds between two looks whether a store is there by now."""

log = structlog.get_logger("myticket")


class Log(Protocol):
    """The log of all services, wherever it is kept."""

    def publisher(self) -> EventPublisher: ...

    def reader(self, group: str) -> EventLog: ...

    def history(self) -> History: ...

    async def behind(self, group: str) -> int:
        """How many records its readers here have not dealt with."""

    def stuck(self) -> str | None:
        """What hangs and does not heal by itself."""

    def trouble(self) -> str | None:
        """Why something was not sent or read at the last try."""


@frozen
class Opening:
    """`patient`: a store that is away is waited for, as a service does; a command says so instead."""

    settings: Settings
    stores: Mapping[str, str]
    closing: AsyncExitStack
    patient: bool = False

    async def store(self, name: str) -> tuple[Database, Clock]:
        """The database, and the clock of those who write there. Raises as `database`."""
        clock = StoreClock(SystemClock())
        database = await self.database(name, clock)
        with suppress(Unavailable):  # it has gone away since: a worker will look again
            await clock.look(database)
        return database, clock

    async def database(self, name: str, clock: Clock | None = None, *, read_only: bool = False) -> Database:
        """Raises CannotRun, StoreError; Unavailable unless patient."""
        there(self.settings, self.stores[name], name)

        async def opened() -> Database:
            url, ids, first = self.stores[name], RandomIds(), self.settings.first_id
            how: Any = {"read_only": read_only, "first_id": first, "setting": setting(self.settings, name, url)}
            return await Database.open(url, name, clock or SystemClock(), ids, **how)

        database = await self._there(opened)
        self.closing.push_async_callback(database.close)
        return database

    async def documents(self) -> Any:
        """Raises StoreError."""
        from adapters.persistence.mongo import Documents  # motor costs a start more than all the rest

        documents = await Documents.open(self.stores["mypage"])
        self.closing.callback(documents.close)
        return documents

    async def log(self, service: str) -> Log:
        """Kafka if it has an address, else the file beside the stores. Raises StoreError, CannotRun."""
        servers = self.settings.kafka_bootstrap_servers
        if servers is None:
            return SqlLog(await self.database("log"))
        from adapters.kafka import KafkaLog

        topic, prefix = self.settings.kafka_topic, self.settings.kafka_group_prefix
        kafka = KafkaLog(servers, topic, service, prefix, security(self.settings))
        self.closing.push_async_callback(kafka.close)
        return kafka

    def provider(self, database: Database) -> PaymentProvider:
        """Raises CannotRun."""
        if self.settings.payment_provider == "sandbox":
            return self._sandbox()
        key, currency = stripe_key(self.settings), self.settings.payment_currency
        from adapters.providers.stripe_provider import StripeProvider  # which costs more than the rest of a start

        provider = StripeProvider(key, currency, SqlReferences(database), self.settings.stripe_url)
        self.closing.push_async_callback(provider.close)
        return provider

    def read_hint(self) -> ReadHint | None:
        """How to read what the provider says of its own accord; None: it does not, and is asked from time to time."""
        secret = self.settings.stripe_webhook_secret
        if self.settings.payment_provider != "stripe" or secret is None:
            return None
        from adapters.providers.stripe_webhooks import StripeWebhooks

        return StripeWebhooks(secret)

    def _sandbox(self) -> Sandbox:
        """Raises CannotRun."""
        path = self.settings.data / "sandbox.sqlite"
        try:
            sandbox = Sandbox(path, SystemClock())
        except sqlite3.Error as error:
            raise CannotRun(f"{path} cannot be used: {error}") from error
        self.closing.callback(sandbox.close)
        return sandbox

    async def _there(self, open: Callable[[], Awaitable[Opened]]) -> Opened:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_exponential(multiplier=0.2, max=LONGEST_WAIT),
            stop=stop_never if self.patient else stop_after_attempt(1),
            before_sleep=_waiting,
            reraise=True,
        )
        return await retrying(open)


def stripe_key(settings: Settings) -> str:
    """Raises CannotRun: Stripe cannot be asked, or not for amounts of this currency."""
    if settings.stripe_api_key is None:
        raise CannotRun("PAYMENT_PROVIDER is stripe: STRIPE_API_KEY, or STRIPE_API_KEY_FILE, has to be set too")
    if (currency := settings.payment_currency) in ROUNDED:
        raise CannotRun(f"PAYMENT_CURRENCY is {currency}, of which Stripe takes round amounts only: name another")
    return settings.stripe_api_key


def _waiting(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("waiting for a store", error=str(error))
