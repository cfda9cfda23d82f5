"""One Apache Kafka broker, its own controller (KRaft), on the loopback interface."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.services import kafka_archive, kafka_jars, kafka_secured
from scripts.services.service import Service, StartFailed

OLDEST_JAVA = 17
JVM = "-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData".split()
LOGGING = [
    f"-Dorg.slf4j.simpleLogger.{setting}"
    for setting in (
        "defaultLogLevel=warn",
        "log.kafka.server.KafkaRaftServer=info",
        "showDateTime=true",
        "dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
    )
]
STARTED = "Kafka Server started"
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},{secured}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},{secured}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
num.partitions=3
auto.create.topics.enable=false
log.retention.ms=-1
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=1000
metadata.max.idle.interval.ms=0
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=4194304
"""


class Kafka(Service):
    """Topics exist once they are made (three partitions unless said) and keep everything; `url` is what clients call
    bootstrap servers."""

    name = "kafka"
    ports = 2 + len(kafka_secured.PROTOCOLS)

    @classmethod
    def available(cls) -> str | None:
        java = shutil.which("java")
        if java is None:
            return f"no java on PATH: install a JDK {OLDEST_JAVA} or newer"
        if (found := _version(java)[0]) < OLDEST_JAVA:
            return f"java on PATH is {found}: install a JDK {OLDEST_JAVA} or newer"
        if kafka_jars.known() is None and shutil.which("mvn") is None:
            return "no mvn on PATH to get Kafka's jars with: install Apache Maven"
        return None

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def settings(self) -> Path:
        return self.data / "server.properties"

    @property
    def jvm(self) -> list[str]:
        return [*JVM, f"-XX:SharedArchiveFile={kafka_archive.archived(_version('java')[1], _leave_behind)}"]

    def command(self) -> list[str]:
        return ["java", *self.jvm, *LOGGING, "-cp", kafka_jars.class_path(), "kafka.Kafka", str(self.settings)]

    def ready(self) -> bool:
        return STARTED in self.said()

    def prepare(self) -> None:
        logs, certificate = self.data / "data", self.data / "broker.pem"
        kafka_secured.certify(certificate)
        at = {"port": self.port, "controller": self.port + 1, "secured": kafka_secured.listeners(self.port)}
        self.settings.write_text(SETTINGS.format(**at, data=logs) + kafka_secured.settings(certificate))
        if not (logs / "meta.properties").exists():
            shutil.rmtree(logs, ignore_errors=True)
            self._format()

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=").replace("-", "a")
        tool = ["java", *self.jvm, "-cp", kafka_jars.class_path(), "kafka.tools.StorageTool"]
        made = subprocess.run(
            [*tool, "format", "-t", cluster, "-c", str(self.settings)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if made.returncode:
            raise StartFailed(f"kafka's storage in {self.data} could not be made:\n{made.stdout.decode()}")


class _First(Kafka):
    """Leaves its classes behind when it ends."""

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place

    @property
    def jvm(self) -> list[str]:
        return [*JVM, f"-XX:ArchiveClassesAtExit={self._place}"]


def _leave_behind(place: Path) -> None:
    with _First(place):
        pass


def _version(java: str) -> tuple[int, str]:
    """(17, "17.0.15"); (0, "") when it does not say it."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    found = re.search(r'version "((\d+)[^"]*)"', said)
    return (int(found[2]), found[1]) if found else (0, "")
