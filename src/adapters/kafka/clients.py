"""kafka-python's clients as we want them. Its defaults lose records, make topics by themselves, or wait for minutes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from attrs import frozen
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaConnectionError, KafkaError
from kafka.net.compat import KafkaNetClient

from adapters.kafka import connecting, lenient
from adapters.kafka.security import OPEN, Security

Client = TypeVar("Client")

REACHED_MS: Final = 3000
"""How long a constructor looks for a broker; it blocks meanwhile."""

MAX_POLL_RECORDS: Final = 200
"""Few, because their decoding holds the interpreter's lock, which the thread that sends the heartbeats needs too."""

_ALL: Final[dict[str, Any]] = {
    "bootstrap_timeout_ms": REACHED_MS,
    "request_timeout_ms": 10_000,
    "metadata_max_age_ms": 10_000,  # how late it is noticed that a topic was made, 5 minutes by default
    "reconnect_backoff_max_ms": 1000,  # 30 s by default: so long nothing would be heard of a broker that is back
}
_PRODUCER: Final[dict[str, Any]] = {
    "metrics_enabled": False,
    "acks": "all",
    "enable_idempotence": True,  # without, the halves of a batch that was too large change places
    "max_block_ms": 1000,  # what send() waits for the metadata of a topic
    "linger_ms": 1000,  # never waited for: what is to be sent together is flushed
    "batch_size": 256 * 1024,
    "delivery_timeout_ms": 30_000,
}
_CONSUMER: Final[dict[str, Any]] = {
    "metrics_enabled": False,
    "auto_offset_reset": "earliest",  # 'latest' loses what was published before the group first came
    "enable_auto_commit": False,
    "max_poll_records": MAX_POLL_RECORDS,
    "fetch_max_wait_ms": 1000,  # what is there it tells at once; an answer that there is nothing costs both sides
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 1000,  # how late it is heard that somebody joins or leaves
    "max_poll_interval_ms": 30_000,  # polled all the time, whatever is in hand: only a thread that hangs is this late
}


@frozen
class Cluster:
    """Where the brokers are, which service is asking, and by what it is let in."""

    bootstrap_servers: str
    service: str
    security: Security = OPEN

    def producer(self) -> KafkaProducer:
        """Raises KafkaError when no broker is reached in REACHED_MS; so do the others."""
        return self._made(KafkaProducer, **_PRODUCER)

    def consumer(self, group: str | None) -> KafkaConsumer:
        lenient.install()
        return self._made(KafkaConsumer, group_id=group, **_CONSUMER)

    def admin(self) -> KafkaAdminClient:
        return self._made(KafkaAdminClient)

    def _made(self, kind: Callable[..., Client], **config: Any) -> Client:
        """What a constructor that fails leaves behind, a thread among it, is ended."""
        begun: list[KafkaNetClient] = []

        def begin(**configs: Any) -> KafkaNetClient:
            begun.append(connecting.client(**configs))
            return begun[-1]

        try:
            return kind(kafka_client=begin, **self._config(), **config)
        except BaseException as error:
            for client in begun:
                with suppress(Exception):  # the failure to tell is the constructor's
                    client.close()
            if isinstance(error, KafkaError) and begun and (why := connecting.why(begun[-1])):
                raise KafkaConnectionError(f"{error}: {why}") from error
            raise

    def _config(self) -> dict[str, Any]:
        servers = [server.strip() for server in self.bootstrap_servers.split(",")]
        return {"bootstrap_servers": servers, "client_id": self.service, **_ALL, **self.security.config()}
