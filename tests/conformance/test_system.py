"""The machine's clock, ids and concurrency, and the in-app channel, pass their suites."""

from datetime import timedelta

from adapters.notify import InApp
from adapters.system import Bells, RandomIds, SystemClock, concurrently
from myticket_core.conformance import bells, channel, system
from myticket_core.ports import Together
from tests.case import Case


class TestSystemClock(system.ClockConformance, Case):
    async def new(self) -> SystemClock:
        return SystemClock()


class TestRandomIds(system.IdsConformance, Case):
    async def new(self) -> RandomIds:
        return RandomIds()


class TestConcurrently(system.TogetherConformance, Case):
    async def new(self) -> Together:
        return concurrently


class TestBells(bells.BellsConformance, Case):
    async def new(self) -> Bells:
        return Bells(timedelta(seconds=0.2), look=0.05)


class TestInApp(channel.ChannelConformance, Case):
    async def new(self) -> InApp:
        return InApp()
