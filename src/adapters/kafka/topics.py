"""Topics are made on purpose, once; none comes into being because somebody asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from kafka.admin import KafkaAdminClient
from kafka.errors import AuthorizationError, InvalidReplicationFactorError, KafkaError, for_code

from adapters.kafka.clients import Cluster
from adapters.kafka.errors import TopicError
from adapters.kafka.security import OPEN, Security
from myticket_core.errors import Unavailable

DEAD_LETTERS: Final = ".dlq"
_EXISTS: Final = 36
_KEPT: Final = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",  # the broker refuses what a clock that is an hour ahead has stamped
}


async def create_topics(
    bootstrap_servers: str, topic: str, partitions: int, replication: int, security: Security = OPEN
) -> Sequence[str]:
    """Make `topic` and `topic`.dlq if they are missing, and say which were; those that exist stay as they are.

    Nothing is ever deleted from a topic that was made here: pages are rebuilt from its beginning.

    Raises Unavailable while no broker answers; TopicError when Kafka refuses, which somebody has to see to.
    """
    wanted = {
        name: {"num_partitions": partitions, "replication_factor": replication, "configs": _KEPT}
        for name in (topic, topic + DEAD_LETTERS)
    }
    return await asyncio.to_thread(_create, Cluster(bootstrap_servers, "myticket-topics", security), wanted)


def _create(cluster: Cluster, wanted: dict[str, dict[str, Any]]) -> Sequence[str]:
    try:
        admin = cluster.admin()
    except KafkaError as error:
        raise Unavailable(f"no broker of {cluster.bootstrap_servers} answers: {error}") from error
    try:
        return _make_missing(admin, wanted)
    except AuthorizationError as error:
        raise TopicError(f"the topics of {cluster.bootstrap_servers} may not be listed: {error}") from error
    except KafkaError as error:
        raise Unavailable(f"Kafka: {error}") from error
    finally:
        admin.close()


def _make_missing(admin: KafkaAdminClient, wanted: dict[str, dict[str, Any]]) -> Sequence[str]:
    there = set(admin.list_topics())
    missing = {name: how for name, how in wanted.items() if name not in there}
    if not missing:
        return []
    answers = admin.create_topics(missing, timeout_ms=5000, raise_errors=False)["topics"]
    refused = [answer for answer in answers if answer["error_code"] not in (0, _EXISTS)]
    if refused:
        raise _refusal(admin, refused[0], missing[refused[0]["name"]])
    return [answer["name"] for answer in answers if answer["error_code"] == 0]


def _refusal(admin: KafkaAdminClient, answer: dict[str, Any], how: dict[str, Any]) -> Exception:
    kind, said = for_code(answer["error_code"]), answer.get("error_message") or ""
    name = answer["name"]
    if issubclass(kind, InvalidReplicationFactorError):
        brokers, copies = len(admin.describe_cluster()["brokers"]), how["replication_factor"]
        return TopicError(
            f"topic {name} cannot be made with {copies} copies: there are {brokers} broker(s); ask for fewer copies"
        )
    if issubclass(kind, AuthorizationError):
        return TopicError(
            f"topic {name} may not be made by this user: make it beforehand, or allow CREATE on it ({said})"
        )
    if kind.retriable:
        return Unavailable(f"topic {name} could not be made now: {kind.__name__} {said}")
    return TopicError(f"topic {name} cannot be made: {kind.__name__} {said}")
