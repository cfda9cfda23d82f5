"""A rebuild waits for a store that is away for a moment, whatever it was just asking of it."""

import pytest

from adapters.memory import MemoryDatabase, MemoryLog, MemoryViews
from adapters.system import RandomIds, concurrently
from myticket_core.booking.events import Booked
from myticket_core.errors import InDoubt, Unavailable
from myticket_core.messages import Cause, Envelope
from myticket_core.mypage.rebuild import RebuildPages
from tests.domain.examples import NOON, Clock

STEPS = ("blank", "change_booking", "differences", "join", "swap")


class Sleeping(Clock):
    """Time passes while somebody sleeps."""

    async def sleep(self, duration):
        self.time += duration


class Away:
    """Fails for the first time that `step` is asked of it; InDoubt: it is done all the same."""

    def __init__(self, port, step, error):
        self.port, self.step, self.left = port, step, [error]

    def __getattr__(self, name):
        async def ask(*what):
            if name == self.step and self.left:
                error = self.left.pop()
                if isinstance(error, InDoubt):
                    await getattr(self.port, name)(*what)
                raise error
            found = await getattr(self.port, name)(*what)
            return Away(found, self.step, *self.left) if name == "blank" and self.left else found

        return ask


@pytest.mark.parametrize("error", [Unavailable("away"), InDoubt("the answer is lost")], ids=["away", "in doubt"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_store_that_is_away_for_a_moment_is_waited_for(step, error):
    log, clock = MemoryLog(), Sleeping()
    sealed = Envelope.seal(Booked(id=5, version=1, status="BOOKED"), Cause("c", "c"), "e", NOON)
    await log.publisher().publish([sealed])
    database = MemoryDatabase(clock, RandomIds())
    views = Away(MemoryViews(database), step, error)
    rebuilt = await RebuildPages(views, log.history(), clock, concurrently)()
    assert rebuilt.differences == ["booking 5"]
    assert database.live.bookings[5].status == "BOOKED"
    assert clock.now() > NOON
