"""The log on Apache Kafka passes the suite of logs, in a topic of three partitions. A closed log is the restart."""

import gc
from uuid import uuid4

import pytest

from adapters.kafka import KafkaLog, create_topics
from myticket_core.conformance import event_log, history
from tests.case import Case


# kafka-python may leave a socket to the garbage collector when it is closed in the middle of connecting.
@pytest.mark.filterwarnings("ignore:.*<socket.socket:pytest.PytestUnraisableExceptionWarning")
class OnATopic(Case):
    @pytest.fixture(autouse=True)
    def _broker(self, kafka):
        self.kafka = kafka
        yield
        gc.collect()

    async def new(self):
        self.topic = f"test_{uuid4().hex}"
        await create_topics(self.kafka, self.topic, 3, 1)
        return self.opened()

    async def reopen(self, under):
        await self.log.close()
        return self.opened()

    def opened(self):
        self.log = KafkaLog(self.kafka, self.topic, "conformance", f"{self.topic}.")
        self.addAsyncCleanup(self.log.close)
        return self.ports()


class TestLog(OnATopic, event_log.EventLogConformance):
    durable = True

    def ports(self):
        return event_log.Log(self.log.publisher(), self.log.reader)


class TestHistory(OnATopic, history.HistoryConformance):
    def ports(self):
        return history.Recorded(self.log.publisher(), self.log.history)
