"""A broker that seals the line, or asks who comes; what it does not let in is told why, and let in once it may."""

import asyncio
import logging
import os
import ssl
from collections.abc import Awaitable, Iterator
from datetime import timedelta

import pytest
from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from kafka.errors import KafkaError

from adapters.kafka import Security, clients, create_topics
from adapters.kafka.clients import Cluster
from myticket_core.conformance.log_store import ids, take
from myticket_core.errors import Unavailable
from scripts.services.kafka_secured import BEHIND, PLAIN
from tests.services.kafka_world import UNCLOSED, envelopes, opened
from tests.until import until

pytestmark = UNCLOSED
HUSH = "hush, it = secret"


@pytest.fixture(scope="module")
def broker(real_services) -> Iterator[str]:
    """One of ours: others have no such listeners that we know of."""
    if "MYTICKET_TEST_KAFKA" not in os.environ:
        yield real_services.url("MYTICKET_TEST_KAFKA")
        return
    own = real_services.own("MYTICKET_TEST_KAFKA")
    yield own.url
    own.stop()


@pytest.fixture(scope="module")
def cafile(broker, tmp_path_factory):
    file = tmp_path_factory.mktemp("kafka") / "ca.pem"
    host, port = at(broker, "SSL").split(":")
    file.write_text(ssl.get_server_certificate((host, int(port))))
    return file


@pytest.fixture
def impatient(monkeypatch):
    """Several tries are made in this time too."""
    monkeypatch.setitem(clients._ALL, "bootstrap_timeout_ms", 700)


def at(broker: str, protocol: str) -> str:
    host, port = broker.split(":")
    return f"{host}:{int(port) + BEHIND[protocol]}"


WAYS = [
    ("SASL_PLAINTEXT", "PLAIN"),
    ("SASL_PLAINTEXT", "SCRAM-SHA-256"),
    ("SASL_SSL", "SCRAM-SHA-512"),
    ("SASL_SSL", "PLAIN"),
    ("SSL", None),
]


@pytest.mark.parametrize(("protocol", "mechanism"), WAYS)
async def test_every_client_of_ours_is_let_in(broker, cafile, kafka_topic, protocol, mechanism):
    who = PLAIN if mechanism == "PLAIN" else (f"{kafka_topic},=", HUSH) if mechanism else (None, None)
    if mechanism and mechanism != "PLAIN":
        _may_come(broker, *who, mechanism)
    security = Security(protocol, mechanism, *who, cafile if protocol.endswith("SSL") else None)
    there, sent = at(broker, protocol), envelopes(2)
    assert len(await create_topics(there, kafka_topic, 1, 1, security)) == 2
    async with opened(there, kafka_topic, security=security) as log:
        await log.publisher().publish(sent)
        reader = log.reader("g")
        batch = await take(reader, 2)
        await reader.commit(batch)
        assert ids(batch) == ids(await log.history().read(10)) == [it.id for it in sent]
        assert log.trouble() is None


async def test_a_wrong_password_is_told_and_heals(broker, kafka_topic, caplog, impatient):
    security = Security("SASL_PLAINTEXT", "SCRAM-SHA-512", kafka_topic, HUSH)
    there, sent = at(broker, "SASL_PLAINTEXT"), envelopes(1)
    _may_come(broker, kafka_topic, "another", security.mechanism)
    await create_topics(broker, kafka_topic, 1, 1)
    caplog.set_level(logging.DEBUG, "myticket")
    async with opened(there, kafka_topic, security=security) as log:
        publisher, reader = log.publisher(), log.reader("g")
        await until(lambda: _refused(publisher.publish(sent), "Authentication failed"))
        assert await reader.read(1, timedelta(seconds=0.1)) == []
        await until(lambda: reader.trouble and "Authentication failed" in reader.trouble)
        assert (log.stuck(), "Authentication failed" in log.trouble()) == (None, True)
        _may_come(broker, kafka_topic, HUSH, security.mechanism)
        await publisher.publish(sent)
        assert ids(await take(reader, 1)) == [it.id for it in sent]
        await until(lambda: log.trouble() is None)
    assert "Authentication failed" in caplog.text
    assert HUSH not in caplog.text + repr(security)


async def test_a_certificate_of_somebody_else_is_not_believed(broker, caplog, impatient):
    caplog.set_level(logging.CRITICAL, "kafka")  # what is kept of its lines keeps sockets open
    cluster = Cluster(at(broker, "SSL"), "test", Security("SSL"))
    await until(lambda: _refused(asyncio.to_thread(cluster.admin), "certificate verify failed"))


async def _refused(trying: Awaitable[object], why: str) -> bool:
    """Whether that was told: the client tells its last try's trouble, and that may have had no time."""
    with pytest.raises((KafkaError, Unavailable)) as refused:
        await trying
    return why in str(refused.value)


def _may_come(broker: str, user: str, password: str, mechanism: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker)
    try:
        how = ScramMechanism[mechanism.replace("-", "_")]
        said = admin.alter_user_scram_credentials([UserScramCredentialUpsertion(user, how, password)])
        assert said == {user: None}
    finally:
        admin.close()
