"""Invariants 2 to 6: money."""

from __future__ import annotations

from myticket_core.invariants.finding import Found, by
from myticket_core.invariants.remembered import recent
from myticket_core.invariants.rows import BookingRow, PaymentRow, Snapshot

OVER = ("EXPIRED", "CANCELED", "DECLINED")
REFUSING = ("VOID", "DECLINED", "CANCELING", "CANCELED")


def booked_is_paid(snapshot: Snapshot) -> Found:
    """2. BOOKED ⇒ exactly one APPROVED payment of the same booking, amount and customer."""
    payments = by(lambda row: row.booking_id, snapshot.payments or ())
    for booking in snapshot.bookings or ():
        if booking.status == "BOOKED":
            approved = [row for row in payments.get(booking.id, ()) if row.status == "APPROVED"]
            if len(approved) != 1:
                yield f"BOOKED with {len(approved)} approved payments", (booking.id,)
            elif not _agree(booking, approved[0]):
                yield "BOOKED, but the payment is another one, of another amount or customer", (booking.id,)


def _agree(booking: BookingRow, payment: PaymentRow) -> bool:
    paid = (payment.id, payment.price, payment.customer_id)
    return paid == (booking.payment_id, booking.price, booking.customer_id)


def approved_once(snapshot: Snapshot) -> Found:
    """3. At most one payment per booking."""
    for booking_id, payments in by(lambda row: row.booking_id, snapshot.payments or ()).items():
        if len(payments) > 1:
            yield f"booking {booking_id} has {len(payments)} payments", tuple(row.id for row in payments)


def approval_said_once(snapshot: Snapshot) -> Found:
    """3. … ever: an approval is said once per booking."""
    approvals = (row for row in snapshot.outbox or () if row.type == "PaymentApproved")
    for key, rows in by(lambda row: row.key, approvals).items():
        if len(rows) > 1:
            yield f"booking {key} was approved {len(rows)} times", tuple(row.id for row in rows)


def charged_once(snapshot: Snapshot) -> Found:
    """3. The provider has charged a key once."""
    for key, charges in by(lambda row: row.key, snapshot.charges or ()).items():
        if len(charges) > 1:
            yield f"charged {len(charges)} times", (key,)


def approved_is_booked(snapshot: Snapshot) -> Found:
    """4. APPROVED ⇒ the booking is BOOKED; else it is CANCELED."""
    booked = {booking.id for booking in snapshot.bookings or () if booking.status == "BOOKED"}
    for payment in snapshot.payments or ():
        if payment.status == "APPROVED" and payment.booking_id not in booked:
            yield f"APPROVED, but booking {payment.booking_id} is not BOOKED", (payment.id,)
        if payment.status == "CANCELING" and not payment.given_up:
            yield f"the refund of booking {payment.booking_id} is still due", (payment.id,)


def no_orphan_charge(snapshot: Snapshot) -> Found:
    """4. Money at the provider is an APPROVED payment's, or what a CANCELED one has not given back, or what could not
    be; and the other way round, but for what is free.
    """
    payments = {payment.key: payment for payment in snapshot.payments or ()}
    for charge in snapshot.charges or ():
        payment = payments.get(charge.key)
        if payment is None or not (payment.status in ("APPROVED", "CANCELED") or payment.given_up):
            due = payment.status if payment else "not there"
            yield f"{charge.amount} charged, {charge.refunded} given back; the payment is {due}", (charge.key,)
        elif payment.price != charge.amount:
            yield f"charged {charge.amount}, the payment says {payment.price}", (charge.key,)
        elif payment.back != charge.refunded:
            yield (
                f"given back {charge.refunded}, the payment is {payment.status} and says {payment.back}",
                (charge.key,),
            )
    charged = {charge.key for charge in snapshot.charges or ()}
    for key, payment in payments.items():
        if payment.status in ("APPROVED", "CANCELED") and payment.price != 0 and key not in charged:
            yield f"{payment.status}, but the provider knows of no charge", (payment.id,)


def within_the_charge(snapshot: Snapshot) -> Found:
    """5. Of a charge no more is ever given back than was paid; nor does a payment say so."""
    for charge in snapshot.charges or ():
        if not 0 <= charge.refunded <= charge.amount:
            yield f"{charge.refunded} of {charge.amount} given back", (charge.key,)


def refunded_once(snapshot: Snapshot) -> Found:
    """5. A BookCanceled whose booking was charged ⇒ one PaymentCanceled, or none yet where the refund failed; an unpaid
    one ⇒ none.
    """
    paid = [payment for payment in snapshot.payments or () if payment.charge is not None and not payment.given_up]
    charged = {payment.booking_id for payment in paid}
    said = by(lambda row: (row.type, row.key), snapshot.outbox or ())
    for (kind, key), rows in said.items():
        if kind == "BookCanceled" and recent(snapshot, rows[0]):
            refunds, due = said.get(("PaymentCanceled", key), []), int(key) in charged
            if len(refunds) != due:
                yield f"{'paid' if due else 'unpaid'}, canceled and refunded {len(refunds)} times", (int(key),)


def refund_is_agreed(snapshot: Snapshot) -> Found:
    """5. What is over gives back the price, or the price less the fee if it was booked and its buyer canceled it."""
    for booking in snapshot.bookings or ():
        fee = booking.cancel_fee or 0
        if not 0 <= fee <= booking.price:
            yield f"canceling costs {fee} of {booking.price}", (booking.id,)
        kept = {0, fee} if booking.status == "CANCELED" and booking.payment_id is not None else {0}
        due = {booking.price - part for part in kept} if booking.status in OVER else set()
        if booking.refund is not None and booking.refund not in due:
            yield f"{booking.status}, and {booking.refund} of {booking.price} is to be given back", (booking.id,)


def refund_is_that_of_the_cancel(snapshot: Snapshot) -> Found:
    """5. What of a payment is, or was, to be given back is what its booking said."""
    agreed = {booking.id: booking.refund for booking in snapshot.bookings or () if booking.refund is not None}
    for payment in snapshot.payments or ():
        refund = agreed.get(payment.booking_id)
        if refund is not None and payment.status in ("CANCELING", "CANCELED") and payment.due != refund:
            yield f"{payment.due} given back, booking {payment.booking_id} said {refund}", (payment.id,)


def over_is_refused(snapshot: Snapshot) -> Found:
    """6. A canceled, expired or declined booking has a payment that refuses, or gives back, whatever comes later.

    An APPROVED one is for 4 to find. Of what was paid there is something to give back.
    """
    payments = {payment.booking_id: payment for payment in snapshot.payments or ()}
    for booking in snapshot.bookings or ():
        payment = payments.get(booking.id)
        if booking.status in OVER and (payment is None or payment.status not in (*REFUSING, "APPROVED")):
            status = payment.status if payment else "not there"
            yield f"{booking.status}, but the payment is {status}: a late charge would be kept", (booking.id,)
        elif payment and payment.status == "VOID" and booking.payment_id is not None and booking.price:
            yield f"{booking.status} and was paid, but pay knows of no charge: nothing is given back", (booking.id,)
