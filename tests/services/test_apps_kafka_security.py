"""Settings of a secured Kafka that do not fit together stop the start, and say what to do."""

import pytest

from adapters.kafka import Security
from apps.composing import composed
from apps.environment import WrongSettings, load, shown
from apps.failures import CannotRun
from apps.kafka_security import security
from apps.places import stores
from scripts.services import kafka_secured

SASL = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "scram-sha-512",
    "KAFKA_SASL_USERNAME": "book",
    "KAFKA_SASL_PASSWORD": "hush",
}


def test_what_fits_together_is_what_kafka_is_shown(tmp_path):
    kafka_secured.certify(tmp_path / "ca.pem")
    settings = load(SASL | {"KAFKA_SSL_CAFILE": str(tmp_path / "ca.pem")})
    made = security(settings)
    assert made == Security("SASL_SSL", "SCRAM-SHA-512", "book", "hush", tmp_path / "ca.pem")
    assert "hush" not in repr(made) + repr(list(shown(settings)))
    assert security(load({})) == Security() == Security("PLAINTEXT")


@pytest.mark.parametrize("name", ["KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"])
def test_what_the_protocol_needs_is_asked_for(name):
    with pytest.raises(CannotRun, match=rf"^KAFKA_SECURITY_PROTOCOL is SASL_SSL: {name}.* has to be set too$"):
        security(load({key: value for key, value in SASL.items() if key != name}))


@pytest.mark.parametrize("name", ["KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"])
@pytest.mark.parametrize("protocol", ["", "PLAINTEXT", "SSL"])
def test_nobody_believes_that_a_password_is_asked_for_where_it_is_not(name, protocol):
    with pytest.raises(CannotRun, match=rf"^{name} is set, .* set KAFKA_SECURITY_PROTOCOL to SASL_SSL, or leave"):
        security(load({name: SASL[name], "KAFKA_SECURITY_PROTOCOL": protocol}))


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT"])
def test_nobody_believes_that_a_line_is_sealed_where_it_is_not(protocol, tmp_path):
    kafka_secured.certify(tmp_path / "ca.pem")
    told = {"KAFKA_SSL_CAFILE": str(tmp_path / "ca.pem"), "KAFKA_SECURITY_PROTOCOL": protocol}
    with pytest.raises(CannotRun, match=r"^KAFKA_SSL_CAFILE is set, .* to SSL or SASL_SSL, or leave"):
        security(load((SASL if protocol.startswith("SASL") else {}) | told))


@pytest.mark.parametrize("written", ["", "no certificate"])
def test_a_file_without_certificates_is_named(written, tmp_path):
    (tmp_path / "ca.pem").write_text(written)
    with pytest.raises(WrongSettings, match=r"KAFKA_SSL_CAFILE is .*; allowed: a file of certificates in PEM"):
        load({"KAFKA_SSL_CAFILE": str(tmp_path / "ca.pem")})


async def test_a_service_does_not_start_with_them(tmp_path):
    told = {"MYTICKET_DATA": str(tmp_path), "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "KAFKA_SASL_USERNAME": "book"}
    settings = load(told)
    with pytest.raises(CannotRun, match="KAFKA_SASL_USERNAME"):
        async with composed(settings, stores(settings), ["ticket"]):
            raise AssertionError("it started")
