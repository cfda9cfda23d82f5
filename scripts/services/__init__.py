"""Real PostgreSQL, MongoDB-compatible and Kafka servers on this machine, for tests and for `make up`.

No container engine and no installation: the servers come from wheels and from Maven Central.
"""

from scripts.services.documents import Documents
from scripts.services.kafka import Kafka
from scripts.services.postgres import Postgres
from scripts.services.service import Service, StartFailed, Unavailable

__all__ = ["Documents", "Kafka", "Postgres", "Service", "StartFailed", "Unavailable"]
