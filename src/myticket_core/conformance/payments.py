"""Any way for booking to reach payment. Subclass PaymentsConformance; `new` gives a PayService.

The class attributes name the methods of payment that are answered in a certain way; None: it cannot be made to, and
what needs it is not tried.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from attrs import evolve, frozen

from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Approved, Declined, Payments, Unknown, Void
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import pending
from myticket_core.errors import Rejected, Unavailable

__all__ = ["PayService", "PaymentsConformance"]


@frozen
class PayService:
    """The way to payment, and how payment is told that a booking is over (as BookCanceled tells it). After `settle`
    payment knows what became of all that it had asked for before; only who declares `never` needs it.
    """

    payments: Payments
    end: Callable[[Booking], Awaitable[object]]
    settle: Callable[[], Awaitable[object]] | None = None


def held(id: int, method: str | None = None) -> Booking:
    return evolve(pending(), id=BookingId(id), price=15_000, company_id=1, method=method)


class PaymentsConformance(Conformance[PayService]):
    """All that the way to payment guarantees."""

    good: ClassVar[str] = "card"  # paid; a name, as saying none keeps the one that was said before
    refused: ClassVar[str | None] = None  # declined
    unavailable: ClassVar[str | None] = None  # certainly charges nothing
    lost: ClassVar[str | None] = None  # charged, and the provider's answer is lost
    never: ClassVar[str | None] = None  # lost on the way: not charged, which payment does not know at once
    silent: ClassVar[str | None] = None  # payment does not answer in time

    async def test_what_is_paid_is_approved_once_however_often_it_is_asked_for(self) -> None:
        pay = await self.new()
        booking = held(5, self.good)
        outcomes, _ = await race(pay.payments.request(booking) for _ in range(20))
        self.assertEqual(1, len(set(outcomes)))
        self.assertIsInstance(outcomes[0], Approved)
        self.assertEqual(outcomes[0], await pay.payments.request(booking))
        self.assertEqual(outcomes[0], await pay.payments.find(booking))

    async def test_each_booking_has_its_own_payment(self) -> None:
        pay = await self.new()
        outcomes, refused = await race(pay.payments.request(held(id, self.good)) for id in range(1, 11))
        self.assertEqual([], refused)
        self.assertEqual(10, len({outcome.payment_id for outcome in outcomes if isinstance(outcome, Approved)}))

    async def test_a_payment_on_other_terms_is_none_of_the_booking(self) -> None:
        pay, booking = await self.new(), held(5, self.good)
        await pay.payments.request(booking)
        others = evolve(booking, price=14_999), evolve(booking, customer_id=2), evolve(booking, ticket_id=2)
        for stranger in others:
            with self.subTest(stranger):
                await self.check_refused(pay.payments.request(stranger), Rejected, "another_payment")
                self.assertEqual(Unknown(), await pay.payments.find(stranger))
        self.assertIsInstance(await pay.payments.find(booking), Approved)

    async def test_what_was_never_asked_for_is_not_there_and_looking_charges_nothing(self) -> None:
        pay = await self.new()
        self.assertIsNone(await pay.payments.find(held(5)))
        self.assertIsNone(await pay.payments.find(held(5)))

    async def test_what_is_refused_is_declined_with_a_reason_for_good(self) -> None:
        pay, method = await self.new(), self._method(self.refused)
        declined = await pay.payments.request(held(5, method))
        self.assertIsInstance(declined, Declined)
        self.assertTrue(getattr(declined, "reason", ""))
        self.assertEqual(declined, await pay.payments.request(held(5, self.good)))
        self.assertEqual(declined, await pay.payments.find(held(5)))

    async def test_what_is_over_is_void_whether_it_was_paid_or_not(self) -> None:
        pay = await self.new()
        paid, unpaid = held(5, self.good), held(6, self.good)
        await pay.payments.request(paid)
        for booking in (paid, unpaid):
            await pay.end(booking)
            self.assertEqual(Void(), await pay.payments.request(booking))
            self.assertEqual(Void(), await pay.payments.find(booking))

    async def test_what_was_unavailable_can_be_asked_again(self) -> None:
        pay, method = await self.new(), self._method(self.unavailable)
        with self.assertRaises(Unavailable) as raised:
            await pay.payments.request(held(5, method))
        self.assertGreater(raised.exception.retry_after.total_seconds(), 0)
        self.assertIsInstance(await pay.payments.request(held(5, self.good)), Approved)

    async def test_a_lost_answer_is_unknown_until_somebody_finds_out(self) -> None:
        pay, method = await self.new(), self._method(self.lost)
        self.assertEqual(Unknown(), await pay.payments.request(held(5, method)))
        self.assertEqual(Unknown(), await pay.payments.find(held(5)))
        self.assertIsInstance(await pay.payments.request(held(5, self.good)), Approved)

    async def test_what_is_known_not_to_be_charged_is_as_if_never_asked_for(self) -> None:
        pay, method = await self.new(), self._method(self.never)
        self.assertEqual(Unknown(), await pay.payments.request(held(5, method)))
        self.assertEqual(Unknown(), await pay.payments.find(held(5)))
        assert pay.settle is not None
        await pay.settle()
        self.assertIsNone(await pay.payments.find(held(5)))
        self.assertEqual(Unknown(), await pay.payments.find(evolve(held(5), customer_id=2)), "it is somebody else's")
        self.assertIsInstance(await pay.payments.request(held(5, self.good)), Approved)

    async def test_no_answer_in_time_is_unknown(self) -> None:
        pay, method = await self.new(), self._method(self.silent)
        self.assertEqual(Unknown(), await pay.payments.request(held(5, method)))

    def _method(self, method: str | None) -> str:
        if method is None:
            self.skipTest("no method of payment is declared that is answered so")
        return method
