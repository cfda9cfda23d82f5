"""Real PostgreSQL, MongoDB-compatible and Kafka servers on this machine, for tests and for `make up`; Stripe's mock;
a browser.

No container engine and no installation: the servers come from wheels from Maven Central and from the Go module proxy.
"""

from scripts.services.chromium import Chromium, HeadlessShell
from scripts.services.documents import Documents
from scripts.services.kafka import Kafka
from scripts.services.postgres import FleetingPostgres, Postgres
from scripts.services.service import Service, StartFailed, Unavailable
from scripts.services.stripe_mock import StripeMock

__all__ = [
    "Chromium",
    "Documents",
    "FleetingPostgres",
    "HeadlessShell",
    "Kafka",
    "Postgres",
    "Service",
    "StartFailed",
    "StripeMock",
    "Unavailable",
]
