"""The machine's clock, ids and concurrency, and the in-app channel, pass their suites."""

from datetime import timedelta
from unittest import IsolatedAsyncioTestCase

from adapters.notify import InApp
from adapters.system import Bells, RandomIds, SystemClock, concurrently
from myticket_core.conformance import bells, channel, system
from myticket_core.ports import Together


class TestSystemClock(system.ClockConformance, IsolatedAsyncioTestCase):
    async def new(self) -> SystemClock:
        return SystemClock()


class TestRandomIds(system.IdsConformance, IsolatedAsyncioTestCase):
    async def new(self) -> RandomIds:
        return RandomIds()


class TestConcurrently(system.TogetherConformance, IsolatedAsyncioTestCase):
    async def new(self) -> Together:
        return concurrently


class TestBells(bells.BellsConformance, IsolatedAsyncioTestCase):
    async def new(self) -> Bells:
        return Bells(timedelta(seconds=0.2), look=0.05)


class TestInApp(channel.ChannelConformance, IsolatedAsyncioTestCase):
    async def new(self) -> InApp:
        return InApp()
