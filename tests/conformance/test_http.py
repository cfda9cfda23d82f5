"""Booking's ports over HTTP pass the suites, against the real services on real sockets, in memory and on SQLite."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from adapters.memory import MemoryPaymentBook, MemoryTickets
from adapters.oidc import FixedToken
from adapters.persistence import SqlPaymentBook, SqlTickets
from adapters.rest import DevelopmentIssuer, PaymentApi, TicketApi, TokenVerifier, create_app
from adapters.rest.client_catalog import HttpCatalog
from adapters.rest.client_payments import HttpPayments
from adapters.rest.development import AUDIENCE, ISSUER
from adapters.system import RandomIds, SystemClock
from myticket_core.access import Role
from myticket_core.conformance import catalog, payments
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.browse import BrowsePayments
from myticket_core.payment.cancel import PaymentCanceler
from myticket_core.ticket.change import ChangeTicket
from myticket_core.ticket.delete import DeleteTicket
from myticket_core.ticket.register import RegisterTicket
from myticket_core.ticket.search import SearchTickets
from tests.conformance.test_memory import Silent, database, ended
from tests.services.served import served
from tests.services.stores import opened

CLOCK = SystemClock()


class InMemory:
    async def store(self, service: str, ports: type) -> object:
        return ports(database())


class OnSqlite:
    async def store(self, service: str, ports: type) -> object:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        db = await self.enterAsyncContext(opened(Path(folder.name), service))
        return ports(db)


class Served:
    """`serve` puts an api on a socket for as long as the test runs."""

    async def serve(self, api: object) -> str:
        self.issuer = DevelopmentIssuer(generate_private_key(SECP256R1()), CLOCK)
        tokens = TokenVerifier(self.issuer, ISSUER, AUDIENCE, CLOCK)
        app = create_app(api, tokens=tokens, ids=RandomIds(), clock=CLOCK, public_url="http://elsewhere.example")
        return await self.enterAsyncContext(served(app))


class ServedPay(Served):
    refused, unavailable, lost, silent = "declined", "unavailable", "lost", "silent"

    async def new(self) -> payments.PayService:
        book = await self.store("pay", self.ports)
        url = await self.serve(PaymentApi(ApprovePayment(book, Silent(), CLOCK), BrowsePayments(book)))
        way = HttpPayments(url, timedelta(seconds=2), FixedToken(self.issuer.token(Role.SERVICE)))
        self.addAsyncCleanup(way.close)
        return payments.PayService(way, partial(ended, PaymentCanceler(book, CLOCK)))


class TestPaymentsInMemory(InMemory, ServedPay, payments.PaymentsConformance):
    ports = MemoryPaymentBook


class TestPaymentsOnSqlite(OnSqlite, ServedPay, payments.PaymentsConformance):
    ports = SqlPaymentBook


class ServedTicket(Served):
    async def new(self) -> catalog.Catalog:
        tickets = await self.store("ticket", self.ports)
        search = SearchTickets(tickets)
        api = TicketApi(RegisterTicket(tickets), ChangeTicket(tickets), DeleteTicket(tickets), search)
        way = HttpCatalog(await self.serve(api), timedelta(seconds=5))
        self.addAsyncCleanup(way.close)
        return catalog.Catalog(way, tickets)


class TestCatalogInMemory(InMemory, ServedTicket, catalog.CatalogConformance):
    ports = MemoryTickets


class TestCatalogOnSqlite(OnSqlite, ServedTicket, catalog.CatalogConformance):
    ports = SqlTickets
