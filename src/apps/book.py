"""The booking service: R4, R9, R12. The one thing it waits for is payment."""

from __future__ import annotations

import asyncio

from dependency_injector.providers import Dependency, Dict, List, Object, Singleton

from adapters.persistence import SqlBookings, SqlSales, SqlWaitingList
from apps.service import Service, forgets, reacts, relays, rest
from apps.telling import in_case
from apps.workers import circling, listening, repeating, waking
from myticket_core.asking_again import AskAgain
from myticket_core.booking.admit import AdmitBuyers, PayingLine
from myticket_core.booking.book import BookTicket
from myticket_core.booking.browse import BrowseBookings
from myticket_core.booking.cancel import CancelBooking
from myticket_core.booking.check_in import CheckInGuests
from myticket_core.booking.close_sale import CancelCampaign, CloseSale, SaleCloser
from myticket_core.booking.collect import RARELY, CollectPayment
from myticket_core.booking.deletion import Deletions
from myticket_core.booking.expire import ExpireHolds
from myticket_core.booking.offer import OfferSeats
from myticket_core.booking.policies import RECOVERED, WHENEVER
from myticket_core.booking.ports import Payments, TicketCatalog
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.booking.recover import BookingRecovery, RecoverBooking, RecoverSale, SaleRecovery
from myticket_core.booking.resume import ResumePayment
from myticket_core.booking.track_tickets import TicketTracker, TrackTicket
from myticket_core.booking.wait import WaitForSeat
from myticket_core.reacting import Consumer, Replay


class BookService(Service):
    payments: Dependency[Payments] = Dependency()
    catalog: Dependency[TicketCatalog] = Dependency()

    bookings = Singleton(SqlBookings, Service.database)
    sales = Singleton(SqlSales, Service.database)
    waiting = Singleton(SqlWaitingList, Service.database)
    line = Singleton(PayingLine)
    again = Singleton(AskAgain, RARELY)
    collect = Singleton(CollectPayment, bookings, payments, Service.clock, line, again)
    api = Singleton(
        rest("BookingApi"),
        book=Singleton(
            BookTicket,
            bookings,
            sales,
            catalog,
            collect,
            Service.clock,
            hold_for=Service.settings.provided.hold_seconds,
            most_holds=Service.settings.provided.max_holds_per_buyer,
        ),
        resume=Singleton(ResumePayment, bookings, collect),
        cancel=Singleton(CancelBooking, bookings, sales, Service.clock),
        browse=Singleton(BrowseBookings, bookings, sales),
        deletions=Singleton(Deletions, bookings, sales),
        wait=Singleton(WaitForSeat, waiting, bookings, Service.clock),
        check_in=Singleton(CheckInGuests, bookings, sales, Service.clock),
    )

    deleted = Singleton(asyncio.Event)
    closer = Singleton(waking, Singleton(SaleCloser, sales), deleted)
    handlers = Dict(
        {
            TrackTicket: Singleton(in_case, Singleton(TicketTracker, sales)),
            CloseSale: Singleton(in_case, closer),
        }
    )
    consumer = Singleton(Consumer, "book", Object(WHENEVER), handlers)
    recovering = Singleton(
        Consumer,
        "book",
        Object(RECOVERED),
        Dict(
            {
                RecoverBooking: Singleton(BookingRecovery, bookings),
                RecoverSale: Singleton(SaleRecovery, sales),
            }
        ),
    )
    rehearing = List(recovering, consumer)
    replay = Singleton(Replay, Singleton(Consumer.also, consumer, recovering), Service.parking)
    expire = Singleton(ExpireHolds, bookings, Service.clock, Service.ids, Service.together)
    reconcile = Singleton(
        ReconcilePayments,
        bookings,
        payments,
        Service.clock,
        Service.ids,
        Service.together,
        patience=Service.settings.provided.payment_timeout_seconds,
        again=again,
    )
    admit = Singleton(AdmitBuyers, bookings, payments, line, Service.clock, Service.ids, Service.together)
    campaign = Singleton(CancelCampaign, bookings, sales, Service.clock, Service.together)
    offers = Singleton(
        OfferSeats,
        waiting,
        sales,
        payments,
        Service.clock,
        Service.ids,
        Service.together,
        hold_for=Service.settings.provided.offer_seconds,
    )
    workers = List(
        relays("book"),
        reacts("book", consumer),
        Singleton(repeating, "book expire", expire),
        Singleton(circling, "book reconcile", reconcile),
        Singleton(repeating, "book line", admit),
        Singleton(repeating, "book campaign", campaign, deleted),
        Singleton(listening, "book offers", offers, waiting.provided.wait),
        forgets("book"),
    )
