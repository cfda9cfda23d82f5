"""A broker's listeners that ask who comes, or speak TLS, beside the one that does neither: on the ports behind its own.

`user` of PLAIN is in the broker's settings; SCRAM's are whoever is given a password by the broker's admin. The
certificate is its own authority.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PLAIN: Final = ("plain", "plain secret")
"""User and password."""
PROTOCOLS: Final = ("SASL_PLAINTEXT", "SASL_SSL", "SSL")
BEHIND: Final = {protocol: 2 + place for place, protocol in enumerate(PROTOCOLS)}
"""How far behind the broker's own port each listens; the one between is its controller's."""
_SCRAM: Final = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_KAFKA: Final = "org.apache.kafka.common.security"


def listeners(port: int) -> str:
    return ",".join(f"{protocol}://127.0.0.1:{port + behind}" for protocol, behind in BEHIND.items())


def settings(certificate: Path) -> str:
    """The lines of a broker's settings about them."""
    user, password = PLAIN
    logins = {"PLAIN": f'{_KAFKA}.plain.PlainLoginModule required user_{user}="{password}";'}
    logins |= dict.fromkeys(_SCRAM, f"{_KAFKA}.scram.ScramLoginModule required;")
    lines = [f"sasl.enabled.mechanisms={','.join(logins)}", "ssl.keystore.type=PEM"]
    lines.append(f"ssl.keystore.location={certificate}")
    spoken = {name: name for name in PROTOCOLS} | {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"}
    lines.append("listener.security.protocol.map=" + ",".join(f"{name}:{spoken[name]}" for name in spoken))
    for protocol in ("sasl_plaintext", "sasl_ssl"):
        lines += [f"listener.name.{protocol}.{name.lower()}.sasl.jaas.config={how}" for name, how in logins.items()]
    return "\n".join(lines) + "\n"


def certify(file: Path) -> None:
    """A key and a certificate of 127.0.0.1 for it, once."""
    if file.exists():
        return
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "myticket's broker")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=3650))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem, nothing = serialization.Encoding.PEM, serialization.NoEncryption()
    file.touch(0o600)
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, nothing)
        + made.sign(key, hashes.SHA256()).public_bytes(pem)
    )
