"""The SQL adapters pass every suite on SQLite. A reopened database is the restart, a second one on the file beside."""

from __future__ import annotations

import tempfile
from pathlib import Path

from adapters.persistence import SqlLog
from myticket_core.conformance import event_log, history
from tests.case import Case
from tests.conformance import sql
from tests.services.stores import put


class OnOneFile(Case):
    async def new(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.url = put(Path(folder.name), self.service)
        return await self.beside(None)


class TestTickets(OnOneFile, sql.Tickets):
    pass


class TestOutbox(OnOneFile, sql.Outbox):
    pass


class TestPast(OnOneFile, sql.Past):
    pass


class TestBookings(OnOneFile, sql.Bookings):
    pass


class TestSales(OnOneFile, sql.Sales):
    pass


class TestWaitingList(OnOneFile, sql.WaitingList):
    pass


class TestPaymentBook(OnOneFile, sql.PaymentBook):
    pass


class TestReferences(OnOneFile, sql.References):
    pass


class TestHints(OnOneFile, sql.Hints):
    pass


class TestContacts(OnOneFile, sql.Contacts):
    pass


class TestNotifications(OnOneFile, sql.Notifications):
    pass


class TestTitles(OnOneFile, sql.Titles):
    pass


class TestChanges(OnOneFile, sql.Changes):
    pass


class TestPages(OnOneFile, sql.Pages):
    pass


class TestParking(OnOneFile, sql.Parking):
    pass


class TestLog(OnOneFile, sql.OnSql, event_log.EventLogConformance):
    """The log on Kafka has to pass the same one."""

    service = "log"

    def ports(self, db):
        log = SqlLog(db)
        return event_log.Log(log.publisher(), log.reader)


class TestHistory(OnOneFile, sql.OnSql, history.HistoryConformance):
    service = "log"

    def ports(self, db):
        log = SqlLog(db)
        return history.Recorded(log.publisher(), log.history)
