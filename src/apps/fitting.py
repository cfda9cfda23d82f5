"""Whether the settings fit together, and what is run with them: told before anything is opened or migrated."""

from __future__ import annotations

from collections.abc import Sequence

from apps import places, web
from apps.failures import CannotRun
from apps.kafka_security import unheard
from apps.opening import stripe_key
from apps.reaching import vapid_of
from apps.settings import Settings


def check(settings: Settings, services: Sequence[str], alone: str | None = None) -> None:
    """Raises CannotRun."""
    _whole(settings, services)
    if settings.kafka_bootstrap_servers is None:
        unheard(settings)
        if alone is not None:
            _heard(settings, alone)


def _whole(settings: Settings, services: Sequence[str]) -> None:
    """What one setting asks for the others have to say. Raises CannotRun."""
    if settings.graphql and settings.graphql_only_operations and settings.graphql_operations is None:
        raise CannotRun("GRAPHQL_ONLY_OPERATIONS is on: GRAPHQL_OPERATIONS has to be set too, or nothing is answered")
    if "pay" in places.writers(settings, services) and settings.payment_provider == "stripe":
        stripe_key(settings)
    if "alarm" in services:
        vapid_of(settings)
    web.check(settings, services)


def _heard(settings: Settings, alone: str) -> None:
    """A log in a file is shared by services of one folder. Who keeps its store on a server has the others elsewhere:
    they would never hear what it says there. Raises CannotRun.
    """
    stores, run = places.stores(settings, alone), places.writers(settings, [alone])
    files = places.files(stores, run)
    if outside := next((name for name in run if name not in files), None):
        said = places.setting(settings, outside, stores[outside])
        raise CannotRun(
            f"{said} is set, and KAFKA_BOOTSTRAP_SERVERS is not: what {alone} says "
            f"would go into {settings.data}/log.sqlite, where no other service hears it; set KAFKA_BOOTSTRAP_SERVERS, "
            "or run all services in one process: myticket up"
        )
