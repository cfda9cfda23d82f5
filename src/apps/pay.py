"""The payment service: R5, R10."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dependency_injector.providers import Dependency, Dict, List, Object, Singleton

from adapters.persistence import SqlHints, SqlPaymentBook, SqlReferences
from apps.service import Service, forgets, reacts, relays, rest
from apps.telling import in_case
from apps.workers import circling, repeating, waking
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.browse import BrowsePayments
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.hear import FollowHints, HearProvider
from myticket_core.payment.policies import RECOVERED, WHENEVER
from myticket_core.payment.ports import Hints, PaymentProvider, ReadHint
from myticket_core.payment.recover import PaymentRecovery, RecoverPayment
from myticket_core.payment.settle import SettlePayment, SettlePayments
from myticket_core.reacting import Consumer, Replay

if TYPE_CHECKING:
    from adapters.rest.webhooks import Hear


def hearing(read: ReadHint | None, hints: Hints, woken: asyncio.Event) -> Hear | None:
    """Hearing a provider, and then a wake-up for the worker that follows what it said; None: there is none to hear."""
    if read is None:
        return None
    hear = HearProvider(hints, read)

    async def heard(message: bytes, signature: str) -> None:
        await hear(message, signature)
        woken.set()

    return heard


class PayService(Service):
    provider: Dependency[PaymentProvider] = Dependency()
    read_hint: Dependency[ReadHint | None] = Dependency(default=Object(None))

    payments = Singleton(SqlPaymentBook, Service.database)
    references = Singleton(SqlReferences, Service.database)
    hints = Singleton(SqlHints, Service.database)
    said = Singleton(asyncio.Event)
    hear = Singleton(hearing, read_hint, hints, said)
    approve = Singleton(ApprovePayment, payments, provider, Service.clock)
    api = Singleton(rest("PaymentApi"), approve=approve, browse=Singleton(BrowsePayments, payments), hear=hear)

    refund_due = Singleton(asyncio.Event)
    cancel = Singleton(waking, Singleton(PaymentCanceler, payments, Service.clock), refund_due)
    handlers = Dict({CancelPayment: Singleton(in_case, cancel)})
    consumer = Singleton(Consumer, "pay", Object(WHENEVER), handlers)
    recovering = Singleton(
        Consumer, "pay", Object(RECOVERED), Dict({RecoverPayment: Singleton(PaymentRecovery, payments)})
    )
    rehearing = List(recovering, consumer)
    replay = Singleton(Replay, Singleton(Consumer.also, consumer, recovering), Service.parking)
    settle = Singleton(
        SettlePayments,
        payments,
        provider,
        Service.clock,
        Service.ids,
        Service.together,
        patience=Service.settings.provided.payment_timeout_seconds,
    )
    look = Singleton(SettlePayment, payments, provider, Service.clock, Service.ids)
    follow = Singleton(FollowHints, hints, payments, references, look, Service.together, Service.clock)
    workers = List(
        relays("pay"),
        reacts("pay", consumer),
        Singleton(circling, "pay settle", settle, refund_due),
        Singleton(repeating, "pay hints", follow, said),
        forgets("pay"),
    )
