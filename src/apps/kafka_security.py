"""What Kafka is to be shown, as the settings say it: all that its protocol needs, and nothing that it would not use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apps.failures import CannotRun
from apps.settings import Settings

if TYPE_CHECKING:
    from adapters.kafka import Security

SASL: Final = ("KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD")
_ALL: Final = ("KAFKA_SECURITY_PROTOCOL", *SASL, "KAFKA_SSL_CAFILE")


def security(settings: Settings) -> Security:
    """Raises CannotRun."""
    protocol, cafile = settings.kafka_security_protocol, settings.kafka_ssl_cafile
    who = (settings.kafka_sasl_mechanism, settings.kafka_sasl_username, settings.kafka_sasl_password)
    for name, value in zip(SASL, who, strict=True):
        _fits(name, value is not None, protocol)
    if cafile and not protocol.endswith("SSL"):
        raise _unused("KAFKA_SSL_CAFILE", protocol, "SSL or SASL_SSL")
    from adapters.kafka import Security  # Kafka costs a start more than the settings do

    return Security(protocol, *who, cafile)


def unheard(settings: Settings) -> None:
    """Where no Kafka is named. Raises CannotRun for what would make it a secured one."""
    given = [name for name in _ALL if getattr(settings, name.lower()) not in (None, "PLAINTEXT")]
    if given:
        raise CannotRun(
            f"{given[0]} is set, and KAFKA_BOOTSTRAP_SERVERS is not: name the brokers there, or leave {given[0]} out"
        )


def _fits(name: str, given: bool, protocol: str) -> None:
    sasl = protocol.startswith("SASL_")
    if given and not sasl:
        raise _unused(name, protocol, "SASL_SSL")
    if sasl and not given:
        file = f", or {name}_FILE," if name.endswith("PASSWORD") else ""
        raise CannotRun(f"KAFKA_SECURITY_PROTOCOL is {protocol}: {name}{file} has to be set too")


def _unused(name: str, protocol: str, better: str) -> CannotRun:
    """Who gave it thinks that it protects something."""
    return CannotRun(
        f"{name} is set, and KAFKA_SECURITY_PROTOCOL is {protocol}, which makes no use of it: "
        f"set KAFKA_SECURITY_PROTOCOL to {better}, or leave {name} out"
    )
