"""The payment service: R5, R10."""

from __future__ import annotations

import asyncio

from dependency_injector.providers import Dependency, Dict, List, Object, Singleton

from adapters.persistence import SqlPaymentBook
from adapters.rest import PaymentApi
from apps.service import Service
from apps.telling import in_case
from apps.workers import circling, forgetting, reacting, relaying, waking
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.browse import BrowsePayments
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.policies import WHENEVER
from myticket_core.payment.ports import PaymentProvider
from myticket_core.payment.settle import SettlePayments
from myticket_core.reacting import Consumer, Replay


class PayService(Service):
    provider: Dependency[PaymentProvider] = Dependency()

    payments = Singleton(SqlPaymentBook, Service.database)
    approve = Singleton(ApprovePayment, payments, provider, Service.clock)
    api = Singleton(PaymentApi, approve=approve, browse=Singleton(BrowsePayments, payments))

    refund_due = Singleton(asyncio.Event)
    cancel = Singleton(waking, Singleton(PaymentCanceler, payments, Service.clock), refund_due)
    handlers = Dict({CancelPayment: Singleton(in_case, cancel)})
    consumer = Singleton(Consumer, "pay", Object(WHENEVER), handlers)
    replay = Singleton(Replay, consumer, Service.parking)
    settle = Singleton(
        SettlePayments,
        payments,
        provider,
        Service.clock,
        Service.ids,
        Service.together,
        patience=Service.settings.provided.payment_timeout_seconds,
    )
    reader = Service.log.provided.reader.call("pay")
    workers = List(
        Singleton(relaying, "pay", Service.outbox, Service.publisher, Service.database.provided.leader),
        Singleton(reacting, consumer, reader, Service.parking, Service.clock),
        Singleton(circling, "pay settle", settle, refund_due),
        Singleton(forgetting, "pay", Service.past, Service.clock, Service.settings.provided.retention_days),
    )
