"""Every role × action, decided by one table."""

from itertools import product

import pytest

from myticket_core.access import EVERYTHING, MAY, Action, Principal, Role, Scope, allowed, scope_of
from myticket_core.errors import Forbidden, Unauthenticated

A = Action
ANYONE = {A.READ_TICKETS, A.READ_SALES, A.SAY_AS_PROVIDER, A.READ_PUSH_KEY}
OWN_ALONE = {A.READ_CONTACT, A.CHANGE_CONTACT, A.MARK_NOTIFICATIONS}
MATRIX = {
    None: ANYONE,
    Role.ORGANIZER: ANYONE
    | {
        A.REGISTER_TICKET,
        A.CHANGE_TICKET,
        A.DELETE_TICKET,
        A.READ_DELETION,
        A.STEER_DELETION,
        A.CHECK_IN,
        A.READ_CHECK_INS,
        A.READ_BOOKS,
        A.READ_PAYMENTS,
    }
    | {A.READ_ORGANIZER_PAGE, A.READ_NOTIFICATIONS, A.MARK_NOTIFICATION}
    | OWN_ALONE,
    Role.CUSTOMER: ANYONE
    | {A.BOOK, A.READ_BOOKS, A.PAY_BOOKING, A.CANCEL_BOOKING, A.PREVIEW_CANCELLATION, A.READ_PAYMENTS}
    | {A.JOIN_WAITING, A.LEAVE_WAITING, A.READ_WAITING}
    | {A.READ_CUSTOMER_PAGE, A.READ_NOTIFICATIONS, A.MARK_NOTIFICATION}
    | OWN_ALONE,
    Role.ADMIN: set(A) - OWN_ALONE,
    Role.SERVICE: ANYONE | {A.APPROVE_PAYMENT, A.READ_PAYMENTS},
}
WHO = {
    None: None,
    Role.ORGANIZER: Principal("o", Role.ORGANIZER, company_id=7),
    Role.CUSTOMER: Principal("c", Role.CUSTOMER, customer_id=6),
    Role.ADMIN: Principal("a", Role.ADMIN),
    Role.SERVICE: Principal("s", Role.SERVICE),
}
SCOPES = {Role.ORGANIZER: Scope(company_id=7), Role.CUSTOMER: Scope(customer_id=6)}


def test_every_role_is_decided():
    assert MAY.keys() == set(Role) == MATRIX.keys() - {None}


@pytest.mark.parametrize("role, action", list(product(MATRIX, Action)))
def test_who_may_do_what(role, action):
    if action in MATRIX[role]:
        expected = EVERYTHING if action in ANYONE else SCOPES.get(role, EVERYTHING)
        assert allowed(WHO[role], action) == expected
    else:
        with pytest.raises(Unauthenticated if role is None else Forbidden):
            allowed(WHO[role], action)


@pytest.mark.parametrize(
    "nobody", [Principal("o", Role.ORGANIZER, customer_id=6), Principal("c", Role.CUSTOMER, company_id=7)]
)
def test_a_role_that_does_not_say_which_one_owns_nothing(nobody):
    with pytest.raises(Forbidden):
        scope_of(nobody)
    assert allowed(nobody, A.READ_TICKETS) == EVERYTHING


@pytest.mark.parametrize("said", [{}, {"customer_id": None}, {"company_id": 1, "everybodys": True}])
def test_a_scope_is_everybodys_only_when_that_is_meant(said):
    with pytest.raises(ValueError, match="everybody's is EVERYTHING"):
        Scope(**said)


def test_a_scope_covers_what_it_names():
    assert EVERYTHING.covers()
    assert EVERYTHING.covers(company_id=1, customer_id=2)
    assert Scope(company_id=1).covers(company_id=1, customer_id=9)
    assert not Scope(company_id=1).covers(customer_id=9)
    assert not Scope(company_id=1).covers(company_id=2)
    assert not Scope(company_id=1, customer_id=2).covers(company_id=1, customer_id=3)
