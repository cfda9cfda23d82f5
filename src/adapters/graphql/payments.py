"""Payments: R5, and looking at what was paid."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.cases import Payments
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.inputs import ident, position
from adapters.graphql.paging import FIRST, Connection, orders
from adapters.graphql.problems import AnotherPayment, KeyReused, Missing, Problem
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.errors import plain
from myticket_core.payment import model, refund
from myticket_core.payment.approve import Approve
from myticket_core.payment.model import PaymentId, RefundStatus, Status

OF: Final = "pay"
strawberry.enum(RefundStatus, name="RefundStatus")


@strawberry.enum
class PaymentStatus(Enum):
    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"


@strawberry.type(description="Of `amount`, which is on its way back. FAILED waits for an operator")
class Refund:
    amount: Long
    status: RefundStatus
    reason: str | None


@strawberry.federation.type(
    keys=["id"], description="One that was called off before anything was charged is CANCELED too"
)
class Payment:
    OF: ClassVar = OF
    id: Long
    book_id: Long
    ticket_id: Long | None
    price: Long | None
    company_id: Long | None
    customer_id: Long | None
    start_date: datetime | None
    end_date: datetime | None
    status: PaymentStatus
    reason: str | None
    refund: Refund | None
    in_doubt: bool = strawberry.field(
        description="A charge may be on its way. REQUESTED and not in doubt: nothing was charged, nor will be"
    )
    position: str | None = strawberry.field(description="How far it has come, for the minVersion of a page")


@strawberry.type
class PaymentConnection(Connection[Payment]):
    pass


@strawberry.enum
class PaymentSort(Enum):
    ID = "id"
    BOOK_ID = "booking_id"
    TICKET_ID = "ticket_id"
    PRICE = "price"
    STATUS = "status"
    CREATED_AT = "created_at"


@strawberry.input
class PaymentOrder:
    field: PaymentSort
    descending: bool = False


@strawberry.input(description="Pay keeps no bookings: an admin who asks answers for it that there is one")
class NewPayment:
    book_id: Long
    price: Long
    ticket_id: Long | None = None
    company_id: Long | None = None
    customer_id: Long | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    payment_method: str | None = None


@strawberry.type
class PaymentApproved:
    payment: Payment
    before: bool = strawberry.field(description="What became of it was known before this call")
    replayed: bool


@strawberry.type(description="Not charged")
class ChargeDeclined(Problem):
    CODE: ClassVar = "payment_declined"
    payment: Payment


@strawberry.type(description="The booking is over; nothing is charged for it")
class Void(Problem):
    CODE: ClassVar = "void"
    payment: Payment


@strawberry.type(description="The provider did not answer in time; ask again soon")
class ChargeInDoubt(Problem):
    CODE: ClassVar = "in_doubt"
    payment: Payment


@strawberry.type
class PaymentQueries:
    @answers("Payments", Action.READ_PAYMENTS, OF, PaymentConnection)
    async def payments(
        self, info: Info, order_by: list[PaymentOrder] | None = None, first: int = FIRST, after: str | None = None
    ) -> Any:
        """One's own payments, or those for one's own tickets."""
        mine, cases = owner(info), _cases(info)
        return await PaymentConnection.of(
            lambda paging: cases.browse.list(mine, paging), payment_of, first, after, orders(order_by)
        )

    @answers("Payment", Action.READ_PAYMENTS, OF, Payment, Missing)
    async def payment(self, info: Info, id: Long) -> Any:
        """Look at a payment."""
        return payment_of(await _cases(info).browse.one(PaymentId(ident("id", id)), owner(info)))

    @answers("Payment", Action.READ_PAYMENTS, OF, Payment, Missing)
    async def payment_of_booking(self, info: Info, book_id: Long) -> Any:
        """The payment of a booking."""
        return payment_of(await _cases(info).browse.of_booking(ident("bookId", book_id), owner(info)))


@strawberry.type
class PaymentMutations:
    @does("ApprovePayment", Action.APPROVE_PAYMENT, OF, PaymentApproved, ChargeDeclined, ChargeInDoubt, Void,
             AnotherPayment, KeyReused)  # fmt: skip
    async def approve_payment(self, info: Info, payment: NewPayment, idempotency_key: str | None = None) -> Any:
        """R5. Charge a booking, at most once."""
        asker, order = info.context.asker, _order(payment)
        kept = await _cases(info).approve(order, asker.cause("/payments", idempotency_key, order), asker.deadline())
        return _answered(kept.state, kept.before, kept.repeated)


def _answered(it: model.Payment, before: bool, replayed: bool) -> Any:
    payment = payment_of(it)
    match it.status:
        case Status.APPROVED:
            return PaymentApproved(payment=payment, before=before, replayed=replayed)
        case Status.DECLINED:
            return _problem(ChargeDeclined, it, f"declined: {it.reason}")
        case Status.REQUESTED:
            return _problem(ChargeInDoubt, it, "the provider did not answer in time; ask again soon")
        case _:
            return _problem(Void, it, f"nothing stays charged: {it.reason}")


def _problem(kind: Any, it: model.Payment, said: str) -> Any:
    return kind(code=kind.CODE, message=plain(f"booking {it.booking_id}: {said}"), payment=payment_of(it))


def payment_of(it: model.Payment) -> Payment:
    called_off = it.status is Status.VOID
    return Payment(
        id=it.id,
        book_id=it.booking_id,
        ticket_id=it.ticket_id,
        price=it.price,
        company_id=it.company_id,
        customer_id=it.customer_id,
        start_date=it.starts,
        end_date=it.ends,
        status=PaymentStatus.CANCELED if called_off else PaymentStatus(it.status.value),
        reason=it.reason,
        refund=None if it.refund is None else _refund_of(it.refund),
        in_doubt=it.in_doubt,
        position=position("pay", it.booking_id, it.version),
    )


def _refund_of(it: refund.Refund) -> Refund:
    return Refund(amount=it.amount, status=it.status, reason=it.reason)


async def payment_reference(info: Info, id: int) -> Payment | None:
    mine = info.context.owner(Action.READ_PAYMENTS)
    return payment_of(await _cases(info).browse.one(PaymentId(ident("id", id)), mine))


def _order(given: NewPayment) -> Approve:
    return Approve(
        booking_id=given.book_id,
        price=given.price,
        ticket_id=given.ticket_id,
        company_id=given.company_id,
        customer_id=given.customer_id,
        starts=given.start_date,
        ends=given.end_date,
        method=given.payment_method,
    )


def _cases(info: Info) -> Payments:
    assert info.context.cases.pay is not None
    return info.context.cases.pay
