"""A PostgreSQL that speaks TLS: the one of the tests does not, so somebody in front of it does."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.services.postgres_world import in_front

PEM = serialization.Encoding.PEM
PLAIN = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


def certified(folder):
    """Files of a certificate of 127.0.0.1 that signs itself, and of its key."""
    cert, key = folder / "cert", folder / "key"
    secret, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "store of a test")])
    made = x509.CertificateBuilder(name, name, secret.public_key(), 1, now - timedelta(1), now + timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
    made = made.add_extension(x509.BasicConstraints(True, 0), True)
    cert.write_bytes(made.sign(secret, hashes.SHA256()).public_bytes(PEM))
    key.write_bytes(secret.private_bytes(PEM, *PLAIN))
    return cert, key


@asynccontextmanager
async def over_tls(url, cert, key):
    """The URL by which that PostgreSQL is asked over TLS, and not otherwise."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    far = urlsplit(url)

    async def serve(client, back):
        with suppress(OSError, asyncio.IncompleteReadError):  # who does not believe the certificate goes away
            await client.readexactly(8)
            back.write(b"S")
            await back.start_tls(context)
            answers, forth = await asyncio.open_connection(far.hostname, far.port)
            await asyncio.gather(_piped(client, forth), _piped(answers, back))
        back.close()

    async with in_front(url, serve) as near:
        yield near


async def _piped(source, sink):
    while data := await source.read(65536):
        sink.write(data)
    sink.close()
