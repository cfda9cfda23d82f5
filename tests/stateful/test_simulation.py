"""INVARIANTS try A: seeds by the thousand, and Hypothesis, which looks for trouble by itself and makes it small."""

from time import monotonic

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.stateful.doings import CANCELS, COMPANIES, CUSTOMERS, METHODS, NONSENSE, STEPS, Doings
from tests.stateful.play import SERVICES, play
from tests.stateful.simulate import described
from tests.stateful.world import World

FIRST = 1
AT_LEAST, AT_MOST = 500, 1000
SECONDS = 60
"""Seeds are played until there are AT_MOST of them, or time is up. More of them: make simulate."""


@pytest.mark.slow
def test_no_seed_violates_an_invariant():
    begin, played = monotonic(), []
    for seed in range(FIRST, FIRST + AT_MOST):
        played.append(play(seed))
        assert not played[-1].violations, described(played[-1])
        if len(played) >= AT_LEAST and monotonic() - begin > SECONDS:
            break
    print(
        f"{len(played)} seeds, {sum(it.bookings for it in played)} bookings, {sum(it.faults for it in played)} faults"
    )


def test_a_seed_is_played_the_same_way_again():
    assert play(7) == play(7)


TICKETS, BOOKINGS = st.integers(1, 4), st.integers(1, 12)
SERVICE, METHOD = st.sampled_from(SERVICES), st.sampled_from(METHODS)
CHANGES = st.one_of(
    st.fixed_dictionaries({"price": st.integers(0, 3).map(lambda n: 50 * n)}),
    st.fixed_dictionaries({"capacity": st.one_of(st.none(), st.integers(0, 3))}),
)


class Simulation(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed):
        self.world = World(seed)
        self.do = Doings(self.world)

    @rule(
        company=st.integers(1, COMPANIES),
        price=st.integers(0, 3),
        capacity=st.one_of(st.none(), st.integers(0, 3)),
        cancel=st.sampled_from(CANCELS),
    )
    def register(self, company, price, capacity, cancel):
        self.do.register(company, 100 * price, capacity, cancel)
        self.world.run(0.1)

    @rule(ticket=TICKETS, to=CHANGES)
    def change(self, ticket, to):
        self.do.change(ticket, to)

    @rule(ticket=TICKETS)
    def delete(self, ticket):
        self.do.delete(ticket)

    @rule(ticket=TICKETS, customer=st.integers(1, CUSTOMERS), method=METHOD, times=st.sampled_from((1, 1, 1, 3)))
    def book(self, ticket, customer, method, times):
        self.do.book(ticket, customer, method, times)

    @rule(booking=BOOKINGS, method=METHOD)
    def resume(self, booking, method):
        self.do.resume(booking, method)

    @rule(booking=BOOKINGS, doors=st.sampled_from((1, 2)))
    def check_in(self, booking, doors):
        self.do.check_in(booking, doors)

    @rule(booking=BOOKINGS, by_buyer=st.booleans())
    def cancel(self, booking, by_buyer):
        self.do.cancel(booking, by_buyer)

    @rule(ticket=TICKETS, customer=st.integers(1, CUSTOMERS))
    def wait(self, ticket, customer):
        self.do.wait(ticket, customer)

    @rule(ticket=TICKETS, customer=st.integers(1, CUSTOMERS))
    def leave(self, ticket, customer):
        self.do.leave(ticket, customer)

    @rule(ticket=TICKETS, paused=st.booleans())
    def steer(self, ticket, paused):
        self.do.steer(ticket, paused)

    @rule(seconds=st.sampled_from((0.0, 0.01, 0.1, 1.0, 5.0, 30.0)))
    def advance(self, seconds):
        self.world.run(seconds)

    @rule(service=SERVICE)
    def crash(self, service):
        self.do.kill(service)

    @rule(service=SERVICE, seconds=st.sampled_from((1.0, 10.0, 100.0)))
    def stop(self, service, seconds):
        self.do.stop(service, seconds)

    @rule(service=SERVICE)
    def partition(self, service):
        self.do.cut(service, True)

    @rule(service=SERVICE)
    def mend(self, service):
        self.do.cut(service, False)

    @rule(service=SERVICE, offset=st.sampled_from(STEPS))
    def step_the_clock(self, service, offset):
        self.do.step_clock(service, offset)

    @rule(what=st.sampled_from(NONSENSE), booking=st.one_of(st.none(), BOOKINGS))
    def write_nonsense(self, what, booking):
        self.do.write_nonsense(what, None if booking is None else str(booking))

    @rule()
    def care(self):
        self.do.care()

    @rule()
    def rebuild(self):
        self.do.rebuild()

    @invariant()
    def nothing_is_violated_at_any_instant(self):
        if hasattr(self, "world"):
            assert list(self.world.always()) == []

    def teardown(self):
        if hasattr(self, "world"):
            try:
                assert list(self.world.rest()) == []
            finally:
                self.world.close()


TestSimulation = Simulation.TestCase
TestSimulation.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
