"""What an address among the settings may be; readers as those of `setting_kinds`."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Final
from urllib.parse import urlsplit

_SERVER: Final = re.compile(r"[\w.-]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", re.ASCII)


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
    if all(_is_sql(_split(one)) for one in _each(text)):
        return text
    raise ValueError(
        "postgresql://user:password@host:5432[,host:5432…]/database, "
        "sqlite:///relative/file or sqlite:////absolute/file"
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


def servers(text: str) -> str:
    if not all(_SERVER.fullmatch(it) and 0 < int(it.rpartition(":")[2]) < 65_536 for it in text.split(",")):
        raise ValueError("host:port, several of them with commas between")
    return text


def is_sealed(url: str) -> bool:
    """Nobody on the way can listen, or answer instead."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _each(text: str) -> list[str]:
    """The URL with each of its hosts alone; between several stand commas."""
    scheme, _, rest = text.partition("://")  # as the store does, whose driver is not wanted for reading settings
    place, slash, path = rest.partition("/")
    user, at, hosts = place.rpartition("@")
    return [f"{scheme}://{user}{at}{host}{slash}{path}" for host in hosts.split(",")]


def _is_sql(parts: Any) -> bool:
    if parts is None or len(parts.path) < 2:
        return False
    if parts.scheme == "sqlite":
        return not parts.netloc
    return parts.scheme in ("postgresql", "postgres", "postgresql+asyncpg") and parts.hostname and _whole(parts)


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
