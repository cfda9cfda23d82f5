"""What a setting may be. Each reader turns the text into the value, or raises ValueError saying what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from ssl import create_default_context
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from myticket_core.errors import Invalid
from myticket_core.notification.contact import mailbox
from myticket_core.notification.subscription import from_base64url

Reader: TypeAlias = Callable[[str], Any]
Network: TypeAlias = IPv4Network | IPv6Network

_TRUE = frozenset({"on", "true", "1", "yes"})
_FALSE = frozenset({"off", "false", "0", "no"})


class Problem(Exception):
    """A setting that cannot be used."""

    def __init__(self, name: str, value: str | None, allowed: str) -> None:
        super().__init__(f"{name} is {value!r}; allowed: {allowed}")
        self.name, self.value, self.allowed = name, value, allowed


def whole(least: int, most: int) -> Reader:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def days(most: int) -> Reader:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not 0 <= number <= most:
            raise ValueError(f"a number of days up to {most}; 0: for ever")
        return number

    return read


def seconds(least: float, most: float) -> Reader:
    def read(text: str) -> timedelta:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            raise ValueError(f"a number of seconds from {least:g} to {most:g}")
        return timedelta(seconds=number)

    return read


def boolean(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError("on or off")
    return text.lower() in _TRUE


def choice(*words: str) -> Reader:
    """Whatever the case it is written in, as it stands here."""
    known = {word.lower(): word for word in words}

    def read(text: str) -> str:
        if text.lower() not in known:
            raise ValueError(" | ".join(words))
        return known[text.lower()]

    return read


def text(longest: int) -> Reader:
    def read(text: str) -> str:
        if len(text) > longest or not text.isprintable():
            raise ValueError(f"at most {longest} printable characters")
        return text

    return read


def secret(least: int) -> Reader:
    def read(text: str) -> str:
        if not (least <= len(text) <= 1000 and text.isprintable()):
            raise ValueError(f"{least} to 1000 printable characters")
        return text

    return read


def currency(text: str) -> str:
    if not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise ValueError("three letters, as krw")
    return text.lower()


def url(text: str) -> str:
    """What paths are put behind, so it has no parameters, and no slash at the end."""
    parts = _web(text)
    if parts is None or parts.query or parts.fragment:
        raise ValueError("a URL like https://host[:port][/path]")
    return text.rstrip("/")


def endpoint(text: str) -> str:
    """What is asked just as it stands; some providers tell theirs apart by a parameter."""
    parts = _web(text)
    if parts is None or parts.fragment:
        raise ValueError("a URL like https://host[:port][/path][?query]")
    return text


def issuer(text: str) -> str:
    """As it stands in the tokens, which some providers end with a slash."""
    url(text)
    return text


def sql_url(text: str) -> str:
    parts = _split(text)
    if parts is not None and len(parts.path) > 1:
        if parts.scheme == "sqlite" and not parts.netloc:
            return text
        if parts.scheme in ("postgresql", "postgres", "postgresql+asyncpg") and parts.hostname and _whole(parts):
            return text
    raise ValueError(
        "postgresql://user:password@host:5432/database, sqlite:///relative/file or sqlite:////absolute/file"
    )


def document_url(text: str) -> str:
    parts = _split(text)
    named = parts is not None and parts.netloc and len(parts.path) > 1 and _whole(parts)
    if not named or parts.scheme not in ("mongodb", "mongodb+srv"):
        raise ValueError("mongodb://user:password@host:27017/database")
    return text


def smtp_url(text: str) -> str:
    """A password goes over no line that can be listened to."""
    parts = _split(text)
    if parts is not None and parts.hostname and parts.path in ("", "/") and parts.query in ("", "starttls"):
        if parts.scheme == "smtps" and not parts.query:
            return text
        if parts.scheme == "smtp" and (parts.query or parts.username is None):
            return text
    raise ValueError(
        "smtps://user:password@host:465, smtp://user:password@host:587?starttls, or smtp://host:25 without a password"
    )


def sender(text: str) -> str:
    try:
        return mailbox(text)
    except Invalid:
        raise ValueError("an e-mail address as tickets@example.com") from None


def vapid_key(text: str) -> str:
    """A private number of P-256."""
    if not (_VAPID_KEY.fullmatch(text) and 0 < int.from_bytes(from_base64url(text)) < _ORDER):
        raise ValueError("43 characters, as `myticket vapid-key` prints them")
    return text


def vapid_subject(text: str) -> str:
    kind, _, address = text.partition(":")
    try:
        mailbox(address if kind == "mailto" else "")
    except Invalid:
        raise ValueError("mailto: and an e-mail address") from None
    return text


def servers(text: str) -> str:
    if not all(_SERVER.fullmatch(it) and 0 < int(it.rpartition(":")[2]) < 65_536 for it in text.split(",")):
        raise ValueError("host:port, several of them with commas between")
    return text


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError("addresses or networks like 10.0.0.0/8, several of them with commas between") from None


def topic(text: str) -> str:
    if not _TOPIC.fullmatch(text):
        raise ValueError("a name of at most 200 letters, digits, dots, _ and -")
    return text


def folder(text: str) -> Path:
    path = Path(text).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError("a folder, which is made when it does not exist")
    return path.absolute()


def file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError("a file that is there")
    return path.absolute()


def authorities(text: str) -> Path:
    path = Path(text).expanduser()
    try:
        create_default_context(cafile=path)
    except OSError:
        raise ValueError("a file of certificates in PEM") from None
    return path.absolute()


_VAPID_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points P-256 has."""
_SERVER: Final = re.compile(r"[\w.-]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", re.ASCII)
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")


def _split(text: str) -> Any:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _web(text: str) -> Any:
    """None also where it has a user and a password: nobody is sent them, and it is shown as it stands."""
    parts = _split(text)
    usable = parts is not None and parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    return parts if usable and not re.search(r"\s", text) else None


def _whole(parts: Any) -> bool:
    """Whether the host is where it ends: one in the password, not written as %2F, ends it sooner."""
    return "@" not in parts.path
