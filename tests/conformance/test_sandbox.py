"""The sandbox is a payment provider."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from adapters.providers import Sandbox, charges
from adapters.system import SystemClock
from myticket_core.conformance.provider import ProviderConformance
from myticket_core.errors import Unavailable
from myticket_core.payment.ports import PaymentProvider


class TestSandbox(ProviderConformance):
    durable = True
    refused, unavailable, lost = "sandbox-decline", "sandbox-unavailable", "sandbox-timeout"

    async def new(self) -> PaymentProvider:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "sandbox.sqlite"
        return self._opened()

    async def reopen(self, provider: PaymentProvider) -> PaymentProvider:
        return self._opened()

    def _opened(self) -> Sandbox:
        sandbox = Sandbox(self.path, SystemClock())
        self.addCleanup(sandbox.close)
        return sandbox

    async def test_a_card_nobody_knows_is_refused(self) -> None:
        provider = await self.new()
        self.assertIn("no sandbox card", str(await provider.charge("k", 1, "gold")))

    async def test_a_locked_file_is_unavailable_and_nothing_is_charged(self) -> None:
        provider = await self.new()
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        await self.check_refused(provider.charge("k", 1, None), Unavailable)
        other.execute("ROLLBACK")
        self.assertIsNone(await provider.find("k"))

    async def test_the_audit_sees_what_moved(self) -> None:
        provider = await self.new()
        await provider.charge("a", 1, None)
        await provider.charge("b", 2, "decline")
        await provider.charge("c", 3, "approve")
        await provider.refund("c")
        self.assertEqual([("a", 1, False), ("c", 3, True)], charges(self.path))
