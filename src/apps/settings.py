"""Settings, read once from the environment; a wrong one stops the start and says what is allowed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import field, fields, frozen

from apps.addresses import document_url, endpoint, issuer, servers, smtp_url, sql_url, url
from apps.failures import CannotRun
from apps.reading import (
    Network,
    Problem,
    Reader,
    authorities,
    boolean,
    choice,
    currency,
    days,
    file,
    folder,
    instant,
    networks,
    seconds,
    secret,
    sender,
    text,
    topic,
    vapid_key,
    vapid_subject,
    whole,
)

REDACTED: Final = "***"
PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
"""Both by Kafka's own names."""


def told_as(read: Reader, *, plain: bool = True, spring: str | None = None, secret: bool = False) -> dict[str, Any]:
    """`plain`: the name without MYTICKET_ counts too; `spring`: the name in the originals' ConfigMap."""
    return {"read": read, "plain": plain, "spring": spring, "secret": secret}


def default_data() -> Path:
    """Where a desktop keeps the data of its programs."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "myticket"


@frozen(kw_only=True)
class Settings:
    """MYTICKET_NAME wins over NAME; a secret may also stand in the file that NAME_FILE names."""

    data: Path = field(factory=default_data, metadata=told_as(folder, plain=False))
    port: int = field(default=8088, metadata=told_as(whole(0, 65535)))
    public_url: str | None = field(default=None, metadata=told_as(url))
    database_url: str | None = field(default=None, metadata=told_as(sql_url, secret=True))
    ticket_database_url: str | None = field(default=None, metadata=told_as(sql_url, secret=True))
    book_database_url: str | None = field(default=None, metadata=told_as(sql_url, secret=True))
    pay_database_url: str | None = field(default=None, metadata=told_as(sql_url, secret=True))
    alarm_database_url: str | None = field(default=None, metadata=told_as(sql_url, secret=True))
    mongodb_url: str | None = field(default=None, metadata=told_as(document_url, secret=True))
    kafka_bootstrap_servers: str | None = field(default=None, metadata=told_as(servers))
    kafka_security_protocol: str = field(default="PLAINTEXT", metadata=told_as(choice(*PROTOCOLS)))
    kafka_sasl_mechanism: str | None = field(default=None, metadata=told_as(choice(*MECHANISMS)))
    kafka_sasl_username: str | None = field(default=None, metadata=told_as(text(200)))
    kafka_sasl_password: str | None = field(default=None, metadata=told_as(text(1000), secret=True))
    kafka_ssl_cafile: Path | None = field(default=None, metadata=told_as(authorities))
    kafka_topic: str = field(default="myticket", metadata=told_as(topic))
    kafka_group_prefix: str = field(default="", metadata=told_as(topic))
    kafka_partitions: int = field(default=6, metadata=told_as(whole(1, 10_000)))
    kafka_replication: int = field(default=1, metadata=told_as(whole(1, 100)))
    api_url_book: str | None = field(default=None, metadata=told_as(url))
    api_url_payment: str | None = field(default=None, metadata=told_as(url, spring="api.url.payment"))
    api_url_ticket: str | None = field(default=None, metadata=told_as(url, spring="api.url.ticket"))
    api_url_alarm: str | None = field(default=None, metadata=told_as(url))
    notification_prefix: str = field(default="Hello", metadata=told_as(text(100), spring="notification.prefix"))
    notification_since: datetime | None = field(default=None, metadata=told_as(instant))
    smtp_url: str | None = field(default=None, metadata=told_as(smtp_url, secret=True))
    smtp_sender: str = field(default="myticket@localhost", metadata=told_as(sender))
    vapid_key: str | None = field(default=None, metadata=told_as(vapid_key, secret=True))
    vapid_subject: str | None = field(default=None, metadata=told_as(vapid_subject))
    first_id: int = field(default=1, metadata=told_as(whole(1, 2**53 - 1)))
    hold_seconds: timedelta = field(default=timedelta(seconds=600), metadata=told_as(seconds(1, 86_400)))
    offer_seconds: timedelta = field(default=timedelta(seconds=900), metadata=told_as(seconds(1, 86_400)))
    max_holds_per_buyer: int = field(default=10, metadata=told_as(whole(0, 1_000_000)))
    payment_timeout_seconds: timedelta = field(default=timedelta(seconds=3), metadata=told_as(seconds(0.01, 60)))
    payment_at_once: int = field(default=64, metadata=told_as(whole(1, 1_000)))
    retention_days: float = field(default=30.0, metadata=told_as(days(36_500)))
    payment_provider: str = field(default="sandbox", metadata=told_as(choice("sandbox", "stripe")))
    payment_currency: str = field(default="krw", metadata=told_as(currency))
    stripe_api_key: str | None = field(default=None, metadata=told_as(text(1000), secret=True))
    stripe_webhook_secret: str | None = field(default=None, metadata=told_as(text(1000), secret=True))
    stripe_url: str | None = field(default=None, metadata=told_as(url))
    auth: bool = field(default=True, metadata=told_as(boolean, plain=False))
    trusted_mesh: bool = field(default=False, metadata=told_as(boolean, plain=False))
    oidc_issuer: str | None = field(default=None, metadata=told_as(issuer))
    oidc_audience: str = field(default="myticket", metadata=told_as(text(200)))
    oidc_jwks_url: str | None = field(default=None, metadata=told_as(endpoint))
    oidc_token_url: str | None = field(default=None, metadata=told_as(endpoint))
    oidc_client_id: str | None = field(default=None, metadata=told_as(text(200)))
    oidc_client_secret: str | None = field(default=None, metadata=told_as(text(1000), secret=True))
    pages_secret: str | None = field(default=None, metadata=told_as(secret(32), secret=True))
    pages_secret_before: str | None = field(default=None, metadata=told_as(secret(1), secret=True))
    request_timeout_seconds: timedelta = field(default=timedelta(seconds=30), metadata=told_as(seconds(0.1, 3600)))
    read_wait_seconds: timedelta = field(default=timedelta(seconds=2), metadata=told_as(seconds(0, 30)))
    requests_per_principal: int | None = field(default=None, metadata=told_as(whole(0, 1_000_000)))
    requests_per_address: int | None = field(default=None, metadata=told_as(whole(0, 1_000_000)))
    trusted_proxies: Sequence[Network] | None = field(default=None, metadata=told_as(networks))
    forwarded_header: str = field(default="x-forwarded-for", metadata=told_as(choice("x-forwarded-for", "forwarded")))
    graphql: bool = field(default=True, metadata=told_as(boolean, plain=False))
    graphql_operations: Path | None = field(default=None, metadata=told_as(file))
    graphql_only_operations: bool = field(default=False, metadata=told_as(boolean))
    log_level: str = field(default="info", metadata=told_as(choice("debug", "info", "warning", "error")))
    sources: Mapping[str, str] = field(factory=dict, eq=False)

    @property
    def alone(self) -> bool:
        """Whether whoever hears what is told is in this process."""
        return self.kafka_bootstrap_servers is None


class WrongSettings(CannotRun):
    """Every wrong setting at once: name, value (a secret's is not shown), what is allowed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@frozen
class Given:
    """A value as somebody gave it, and where."""

    source: str
    value: str


def load(environ: Mapping[str, str], given: Mapping[str, Given | None] | None = None) -> Settings:
    """`given` is what the command line says; it wins over the environment. Raises WrongSettings."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    problems: list[Problem] = []
    for attribute in _attributes():
        try:
            found = (given or {}).get(attribute.name) or _found(attribute, environ)
            if found is not None:
                values[attribute.name] = _read(attribute, found)
                sources[attribute.name] = found.source
        except Problem as problem:
            problems.append(problem)
    if problems:
        raise WrongSettings(problems)
    return _in_order(Settings(**values, sources=sources))


def _in_order(settings: Settings) -> Settings:
    """Raises WrongSettings: a request that waits for a payment would be given up before it is known."""
    request, payment = settings.request_timeout_seconds, settings.payment_timeout_seconds
    if request > payment:
        return settings
    allowed = f"more than PAYMENT_TIMEOUT_SECONDS, which is {_written(payment)}"
    source = settings.sources.get("request_timeout_seconds", "REQUEST_TIMEOUT_SECONDS")
    raise WrongSettings([Problem(source, _written(request), allowed)])


def shown(settings: Settings) -> Iterator[tuple[str, str | None, str]]:
    """(name, value with secrets redacted, where it came from) of every setting."""
    for attribute in _attributes():
        value = getattr(settings, attribute.name)
        source = settings.sources.get(attribute.name, "default")
        yield attribute.name.upper(), _redacted(attribute, _written(value)), source


def known_names() -> frozenset[str]:
    """Every name under which a setting, or the file of a secret, can stand in the environment."""
    every = [(name, attribute.metadata["secret"]) for attribute in _attributes() for name in _names(attribute)]
    return frozenset(name for name, _ in every) | {f"{name}_FILE" for name, secret in every if secret}


def _attributes() -> Iterator[Any]:
    return (attribute for attribute in fields(Settings) if "read" in attribute.metadata)


def _found(attribute: Any, environ: Mapping[str, str]) -> Given | None:
    """The first name that is set to anything. An empty variable is one that is not set."""
    for name in _names(attribute):
        if environ.get(name):
            return Given(name, environ[name])
        if attribute.metadata["secret"] and environ.get(f"{name}_FILE"):
            return _from_file(f"{name}_FILE", environ[f"{name}_FILE"])
    return None


def _names(attribute: Any) -> Iterator[str]:
    name = attribute.name.upper()
    yield f"MYTICKET_{name}"
    if attribute.metadata["plain"]:
        yield name
    if attribute.metadata["spring"]:
        yield attribute.metadata["spring"]


def _from_file(name: str, path: str) -> Given:
    try:
        said = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise Problem(name, path, f"a readable text file ({why})") from error
    if not said:
        raise Problem(name, path, "a text file that is not empty")
    return Given(name, said)


def _read(attribute: Any, given: Given) -> Any:
    try:
        return attribute.metadata["read"](given.value)
    except ValueError as wrong:
        raise Problem(given.source, _redacted(attribute, given.value), str(wrong)) from None


def _written(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return None if value is None else str(value)


def _redacted(attribute: Any, value: str | None) -> str | None:
    """A URL without its user and password, a secret one without its parameters; of another secret, nothing.

    A password may hold all that ends one elsewhere: it goes to the last @.
    """
    secret = attribute.metadata["secret"]
    if value is None or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", value):
        return REDACTED if secret and value is not None else value
    shown = re.sub(r"^([^:]*://)[^/].*@", rf"\1{REDACTED}@", value, flags=re.DOTALL)
    return re.sub(r"\?.*", f"?{REDACTED}", shown, flags=re.DOTALL) if secret else shown
