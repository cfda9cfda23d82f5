"""Every setting: what it is when nobody says it, how it is read, under which names."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from apps.failures import CannotRun
from apps.setting_addresses import document_url, endpoint, issuer, servers, smtp_url, sql_url, url
from apps.setting_kinds import (
    Network,
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
from myticket_core.values import LARGEST

PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
"""Both by Kafka's own names."""


def told_as(read: Reader, *, plain: bool = True, spring: str | None = None, secret: bool = False) -> dict[str, Any]:
    """`plain`: the name without MYTICKET_ counts too; `spring`: the name in the originals' ConfigMap."""
    return {"read": read, "plain": plain, "spring": spring, "secret": secret}


def default_data() -> Path:
    """Where a desktop keeps the data of its programs. Raises CannotRun: a user without a home, as in a container."""
    try:
        home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:
        raise CannotRun("this user has no home for the data: name a folder with MYTICKET_DATA") from None
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
    pages_url: str | None = field(default=None, metadata=told_as(url))
    smtp_url: str | None = field(default=None, metadata=told_as(smtp_url, secret=True))
    smtp_sender: str = field(default="myticket@localhost", metadata=told_as(sender))
    vapid_key: str | None = field(default=None, metadata=told_as(vapid_key, secret=True))
    vapid_subject: str | None = field(default=None, metadata=told_as(vapid_subject))
    first_id: int = field(default=1, metadata=told_as(whole(1, LARGEST)))
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

    @property
    def development_tokens(self) -> bool:
        """Whether callers show tokens of the development issuer: anybody on this machine can say who they are."""
        return self.auth and self.oidc_issuer is None
