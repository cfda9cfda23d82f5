"""Booking's ports over HTTP pass the suites, against the real services on real sockets, in memory and on SQLite."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from adapters.memory import MemoryPaymentBook, MemoryTickets
from adapters.persistence import SqlPaymentBook, SqlTickets
from adapters.rest import DevelopmentIssuer, PaymentApi, TicketApi, TokenVerifier, create_app
from adapters.rest.client_catalog import HttpCatalog
from adapters.rest.client_owners import HttpOwners
from adapters.rest.client_payments import HttpPayments
from adapters.rest.dates import written_millis
from adapters.rest.development import AUDIENCE, ISSUER
from adapters.system import RandomIds, SystemClock
from myticket_core.access import Role
from myticket_core.conformance import catalog, owners, payments
from myticket_core.messages import camel
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.browse import BrowsePayments
from myticket_core.payment.cancel import PaymentCanceler
from myticket_core.ticket.change import ChangeTicket
from myticket_core.ticket.delete import DeleteTicket
from myticket_core.ticket.register import RegisterTicket
from myticket_core.ticket.search import SearchTickets
from tests.case import Case
from tests.conformance.test_memory import Silent, database, ended, settling
from tests.services.fixed_token import FixedToken
from tests.services.served import served
from tests.services.stores import opened

CLOCK = SystemClock()
PATIENCE = timedelta(seconds=5)
"""With a machine that has other things to do."""


class InMemory:
    async def store(self, service: str, ports: type) -> object:
        return ports(database())


class OnSqlite:
    async def store(self, service: str, ports: type) -> object:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        db = await self.enterAsyncContext(opened(Path(folder.name), service))
        return ports(db)


class Served(Case):
    """`serve` puts an api on a socket for as long as the test runs."""

    async def serve(self, api: object) -> str:
        self.issuer = DevelopmentIssuer(generate_private_key(SECP256R1()), CLOCK)
        tokens = TokenVerifier(self.issuer, ISSUER, AUDIENCE, CLOCK)
        app = create_app(api, tokens=tokens, ids=RandomIds(), clock=CLOCK, public_url="http://elsewhere.example")
        return await self.enterAsyncContext(served(app))


class ServedPay(Served):
    refused, unavailable, lost, never, silent = "declined", "unavailable", "lost", "late", "silent"

    async def new(self) -> payments.PayService:
        book, provider = await self.store("pay", self.ports), Silent()
        url = await self.serve(PaymentApi(ApprovePayment(book, provider, CLOCK), BrowsePayments(book)))
        way = HttpPayments(url, timedelta(seconds=8), FixedToken(self.issuer.token(Role.SERVICE)))
        self.addAsyncCleanup(way.close)
        return payments.PayService(way, partial(ended, PaymentCanceler(book, CLOCK)), settling(book, provider))


class TestPaymentsInMemory(InMemory, ServedPay, payments.PaymentsConformance):
    ports = MemoryPaymentBook


class TestPaymentsOnSqlite(OnSqlite, ServedPay, payments.PaymentsConformance):
    ports = SqlPaymentBook


class ServedTicket(Served):
    async def new(self) -> catalog.Catalog:
        tickets = await self.store("ticket", self.ports)
        search = SearchTickets(tickets)
        api = TicketApi(RegisterTicket(tickets), ChangeTicket(tickets), DeleteTicket(tickets), search)
        self.enterContext(patch("adapters.rest.client_catalog.TIMEOUT", PATIENCE))
        way = HttpCatalog(await self.serve(api))
        self.addAsyncCleanup(way.close)
        return catalog.Catalog(way, tickets)


class TestCatalogInMemory(InMemory, ServedTicket, catalog.CatalogConformance):
    ports = MemoryTickets


class TestCatalogOnSqlite(OnSqlite, ServedTicket, catalog.CatalogConformance):
    ports = SqlTickets


class TestOwners(owners.OwnersConformance, Case):
    """Of services that answer as the originals do."""

    async def new(self) -> owners.Known:
        java = Java()
        url = await self.enterAsyncContext(served(java))
        self.enterContext(patch("adapters.rest.client_owners.TIMEOUT", PATIENCE))
        way = HttpOwners({"book": f"{url}/book", "pay": f"{url}/pay"})
        self.addAsyncCleanup(way.close)
        return owners.Known(way, java.tell, java.leave)


class Java:
    """Dates as the originals write them, a status that was a wish, links; and then nothing any more."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, object]] = {}
        self.away = False

    def tell(self, source: str, id: int, said: Mapping[str, int]) -> None:
        path = f"/{source}/{'books' if source == 'book' else 'payments'}/{id}"
        named = {camel(name): written_millis(it) if "date" in name else it for name, it in said.items()}
        self.things[path] = {**dict.fromkeys(("companyId", "customerId", "startDate", "endDate")), **named,
                             "status": "Booked", "_links": {"self": {"href": path}}}  # fmt: skip

    def leave(self) -> None:
        self.away = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.away:
            await asyncio.Event().wait()
        found = self.things.get(scope["path"])
        headers = [(b"content-type", b"application/hal+json;charset=UTF-8")]
        await send({"type": "http.response.start", "status": 404 if found is None else 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(found).encode() if found else b""})
