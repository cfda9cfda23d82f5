"""One seed, from the first doing to rest: what is done, what goes wrong and who comes first are all drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from attrs import frozen

from myticket_core.invariants import Violation
from tests.stateful.doings import CANCELS, COMPANIES, CUSTOMERS, METHODS, NONSENSE, STEPS, Doings
from tests.stateful.world import World

SERVICES: Final = ("ticket", "book", "pay", "alarm", "mypage")
CAPACITIES: Final = (0, 1, 1, 2, 3, 5, None)
CHANGES: Final = ({"price": 150}, {"name": "부산"})
WEIGHTS: Final = {
    "register": 6,
    "change": 4,
    "delete": 4,
    "book": 40,
    "book at once": 4,
    "resume": 5,
    "wait": 12,
    "leave": 2,
    "cancel": 10,
    "cancel for them": 2,
    "check in": 6,
    "steer": 3,
    "kill": 3,
    "stop": 2,
    "cut": 2,
    "mend": 2,
    "clock": 2,
    "nonsense": 1,
    "care": 1,
    "rebuild": 1,
}


@frozen
class Played:
    """What came of a seed; no violations: all is well."""

    seed: int
    violations: Sequence[Violation]
    steps: int
    doings: int
    faults: int
    bookings: int


class Play:
    def __init__(self, seed: int, tell: Callable[[str], None] = lambda _: None) -> None:
        self.seed, self.random, self.tell = seed, Random(f"play {seed}"), tell
        self.world = World(seed)
        self.doings = Doings(self.world)

    def run(self) -> Played:
        count = self.random.randint(30, 60)
        violations = self._act(count) or self.world.rest()
        self.world.close()
        bookings = len(self.world.book.store.bookings)
        faults = sum(self.world.chance.happened.values())
        return Played(self.seed, violations, self.world.scheduler.steps, count, faults, bookings)

    def _act(self, count: int) -> Sequence[Violation]:
        """Do that many things, with more or less time between them; stops at the first violation."""
        self._do("register")
        for number in range(count):
            self._do(self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])
            self.world.run(self.random.choice((0.0, 0.01, 0.1, 1.0, 5.0)))
            if number % 8 == 0 and (violations := self.world.always()):
                return violations
        return self.world.always()

    def _do(self, what: str) -> None:
        some, do, of = self.random, self.doings, self.random.choice
        ticket = 1 + int(some.random() * max(1, len(self.world.ticket.store.tickets) + 1))
        booking = 1 + int(some.random() * max(1, len(self.world.book.store.bookings)))
        customer, company = some.randint(1, CUSTOMERS), some.randint(1, COMPANIES)
        doings: dict[str, Callable[[], None]] = {
            "register": lambda: do.register(company, 100 * some.randint(0, 3), of(CAPACITIES), of(CANCELS)),
            "change": lambda: do.change(ticket, of((*CHANGES, {"capacity": of(CAPACITIES)}, of(CANCELS)))),
            "delete": lambda: do.delete(ticket, of((True, False))),
            "book": lambda: do.book(ticket, customer, of(METHODS)),
            "book at once": lambda: do.book(ticket, customer, of(METHODS), times=3),
            "resume": lambda: do.resume(booking, of(METHODS)),
            "wait": lambda: do.wait(ticket, customer),
            "leave": lambda: do.leave(ticket, customer),
            "cancel": lambda: do.cancel(booking),
            "cancel for them": lambda: do.cancel(booking, by_buyer=False),
            "check in": lambda: do.check_in(booking, of((1, 2))),
            "steer": lambda: do.steer(ticket, of((True, False))),
            "kill": lambda: do.kill(of(SERVICES)),
            "stop": lambda: do.stop(of(SERVICES), of((1.0, 10.0, 100.0))),
            "cut": lambda: do.cut(of(SERVICES), True),
            "mend": lambda: do.cut(of(SERVICES), False),
            "clock": lambda: do.step_clock(of(SERVICES), of(STEPS)),
            "nonsense": lambda: do.write_nonsense(of(NONSENSE), of((None, str(booking)))),
            "care": do.care,
            "rebuild": do.rebuild,
        }
        self.tell(f"{self.world.scheduler.now:9.2f} s  {what}")
        doings[what]()


def play(seed: int) -> Played:
    return Play(seed).run()
