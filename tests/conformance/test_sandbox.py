"""The sandbox is a payment provider."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from adapters.providers import Sandbox, charges
from adapters.system import SystemClock
from myticket_core.conformance.provider import ProviderConformance
from myticket_core.errors import Unavailable
from myticket_core.payment.ports import GivenBack, PaymentProvider
from tests.case import Case

EARLIER = """
    CREATE TABLE charges (
        key TEXT PRIMARY KEY, amount INTEGER NOT NULL, refusal TEXT, refunded INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    INSERT INTO charges VALUES ('back', 9, NULL, 1), ('kept', 8, NULL, 0);
"""


class TestSandbox(ProviderConformance, Case):
    durable = True
    refused, unavailable, lost = "sandbox-decline", "sandbox-unavailable", "sandbox-timeout"
    refund_pending, refund_fails = "sandbox-refund-pending", "sandbox-refund-fails"
    refund_lost = "sandbox-refund-timeout"

    async def new(self) -> PaymentProvider:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "sandbox.sqlite"
        return self._opened()

    async def reopen(self, provider: PaymentProvider) -> PaymentProvider:
        return self._opened()

    async def kept(self, provider: PaymentProvider, key: str) -> int | None:
        return next(amount - back for name, amount, back in charges(self.path) if name == key)

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
        await provider.refund("c", 2, 1)
        self.assertEqual([("a", 1, 0), ("c", 3, 2)], charges(self.path))

    async def test_a_file_of_an_earlier_version_is_read(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "sandbox.sqlite"
        with closing(sqlite3.connect(self.path)) as file:
            file.executescript(EARLIER)
        sandbox = self._opened()
        self.assertEqual(GivenBack("sandbox-refund-back-1"), await sandbox.find_refund("back"))
        self.assertEqual(GivenBack("sandbox-refund-back-1"), await sandbox.refund("back", 9, 1))
        self.assertIsNone(await sandbox.find_refund("kept"))
        self.assertEqual([("back", 9, 9), ("kept", 8, 0)], charges(self.path))
