"""The ticket service: R1–R3."""

from __future__ import annotations

from dependency_injector.providers import Dict, List, Object, Singleton

from adapters.persistence import SqlTickets
from apps.service import Service, forgets, reacts, relays, rest
from apps.telling import in_case
from myticket_core.reacting import Consumer, Replay
from myticket_core.ticket.change import ChangeTicket
from myticket_core.ticket.delete import DeleteTicket
from myticket_core.ticket.policies import RECOVERED, WHENEVER
from myticket_core.ticket.recover import RecoverTicket, TicketRecovery
from myticket_core.ticket.register import RegisterTicket
from myticket_core.ticket.search import SearchTickets
from myticket_core.ticket.track_stock import StockTracker, TrackStock


class TicketService(Service):
    tickets = Singleton(SqlTickets, Service.database)
    search = Singleton(SearchTickets, tickets)
    api = Singleton(
        rest("TicketApi"),
        register=Singleton(RegisterTicket, tickets),
        change=Singleton(ChangeTicket, tickets),
        delete=Singleton(DeleteTicket, tickets),
        search=search,
    )

    handlers = Dict({TrackStock: Singleton(in_case, Singleton(StockTracker, tickets))})
    consumer = Singleton(Consumer, "ticket", Object(WHENEVER), handlers)
    recovering = Singleton(
        Consumer, "ticket", Object(RECOVERED), Dict({RecoverTicket: Singleton(TicketRecovery, tickets)})
    )
    rehearing = List(recovering, consumer)
    replay = Singleton(Replay, Singleton(Consumer.also, consumer, recovering), Service.parking)
    workers = List(relays("ticket"), reacts("ticket", consumer), forgets("ticket"))
