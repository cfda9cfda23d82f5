"""Why no broker is reached: kafka-python 3.0.12 says only that none was, whatever its connections failed of."""

from __future__ import annotations

from typing import Any

from kafka.errors import SaslAuthenticationFailedError
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector


class Connections(KafkaConnectionManager):  # type: ignore[misc]
    why: BaseException | None = None
    """What the last connection failed of; rather than that, that who asks is not let in."""

    async def _connect(self, node: Any, conn: Any, **more: Any) -> None:
        conn.init_future.add_errback(self._failed)
        await super()._connect(node, conn, **more)

    async def _build_transport(self, node: Any, **more: Any) -> Any:
        """A broker's last words, as why it lets nobody in, are heard: otherwise what comes with the end is lost."""
        transport = await super()._build_transport(node, **more)
        receive = transport._sock_recv

        def heard() -> tuple[bytes, BaseException | None]:
            data, error = receive()
            return data, None if data else error  # which comes again

        transport._sock_recv = heard
        return transport

    def _failed(self, error: BaseException) -> None:
        if not isinstance(self.why, SaslAuthenticationFailedError):
            self.why = error


def client(**configs: Any) -> KafkaNetClient:
    """What kafka-python's constructors take as `kafka_client`."""
    network = NetworkSelector(**configs)
    made = KafkaNetClient(net=network, manager=Connections(network, **configs))
    # The documented allow_auto_create_topics=False does not get as far as here in 3.0.12.
    made.cluster.config["allow_auto_create_topics"] = False
    return made


def why(begun: KafkaNetClient) -> BaseException | None:
    reason: BaseException | None = begun._manager.why
    return reason
