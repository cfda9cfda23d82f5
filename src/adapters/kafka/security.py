"""How brokers are spoken to: whether the line is sealed, and who says to be there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen


@frozen
class Security:
    """`protocol` and `mechanism` by Kafka's names. `cafile`: who is believed, instead of this machine's authorities."""

    protocol: str = "PLAINTEXT"
    mechanism: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    cafile: Path | None = None

    def config(self) -> Mapping[str, Any]:
        """By kafka-python's names; its `plain` ones are SCRAM's too."""
        return {
            "security_protocol": self.protocol,
            "ssl_cafile": self.cafile and str(self.cafile),
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self._said(),
            "sasl_plain_password": self.password,
        }

    def _said(self) -> str | None:
        """SCRAM separates by what may stand in a name (RFC 5802, 5.1), which kafka-python 3.0.12 does not heed."""
        if self.username is None or self.mechanism == "PLAIN":
            return self.username
        return self.username.replace("=", "=3D").replace(",", "=2C")


OPEN: Final = Security()
"""Nothing is sealed, and nobody is asked who they are."""
