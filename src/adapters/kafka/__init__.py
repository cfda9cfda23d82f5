"""The log on Apache Kafka, by kafka-python; the only place with threads. They start with the first use of a port."""

from adapters.kafka.dead_letters import KafkaDeadLetters
from adapters.kafka.errors import TopicError
from adapters.kafka.log import KafkaLog
from adapters.kafka.security import Security
from adapters.kafka.topics import create_topics

__all__ = ["KafkaDeadLetters", "KafkaLog", "Security", "TopicError", "create_topics"]
