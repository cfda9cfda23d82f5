"""The payment provider, and the line to it."""

from __future__ import annotations

from typing import Any

from adapters.memory import MemoryProvider
from adapters.memory.provider import Answer, Repay, by_method
from myticket_core.errors import InDoubt, Unavailable
from tests.stateful.chance import Chance
from tests.stateful.ports import SOON, Host
from tests.stateful.scheduler import Process, Scheduler


class Provider:
    """Whoever moves the money: far away, and not always answering."""

    def __init__(self, scheduler: Scheduler, world: Process, chance: Chance) -> None:
        self.scheduler, self.world, self.chance = scheduler, world, chance
        self.memory = MemoryProvider(self._told, self._told_of_refund)
        self.under_way = 0

    def _told(self, key: str, amount: int, method: str | None) -> Answer:
        if self.chance.of("charge lost"):
            return Answer.LOSE
        if self.chance.of("charge late"):
            self._arrive_later()
            return Answer.DELAY
        return by_method(key, amount, method)

    def _told_of_refund(self, key: str, round: int, method: str | None) -> Repay:
        if self.chance.of("refund fails"):
            return Repay.FAIL
        return Repay.PEND if self.chance.of("refund pending") else Repay.GIVE

    def _arrive_later(self) -> None:
        async def arrive() -> None:
            await self.scheduler.sleep(self.chance.seconds(0.1, 45))
            self.memory.arrive()
            self.under_way -= 1

        self.under_way += 1
        self.world.spawn(arrive())

    def on(self, host: Host) -> ProviderLine:
        return ProviderLine(self, host)


class ProviderLine:
    def __init__(self, provider: Provider, host: Host) -> None:
        self._provider, self._host = provider, host

    async def charge(self, key: str, amount: int, method: str | None) -> Any:
        await self._reach()
        answer = await self._provider.memory.charge(key, amount, method)
        await self._host.point()
        return answer

    async def find(self, key: str) -> Any:
        await self._reach()
        return await self._provider.memory.find(key)

    async def refund(self, key: str, amount: int, round: int) -> Any:
        await self._reach()
        answer = await self._provider.memory.refund(key, amount, round)
        await self._host.point()
        if self._host.chance.of("refund lost"):
            raise InDoubt("no answer about the refund")
        return answer

    async def find_refund(self, key: str) -> Any:
        await self._reach()
        return await self._provider.memory.find_refund(key)

    async def _reach(self) -> None:
        await self._host.point()
        if self._host.chance.of("provider down"):
            raise Unavailable("the provider is down", SOON)
