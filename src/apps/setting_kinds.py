"""What a setting may be. Each reader turns the text into the value, or raises ValueError saying what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from ssl import create_default_context
from typing import Any, Final, TypeAlias

from apps.iso_4217 import CODES
from myticket_core.errors import Invalid
from myticket_core.notification.contact import mailbox
from myticket_core.notification.subscription import from_base64url

Reader: TypeAlias = Callable[[str], Any]
Network: TypeAlias = IPv4Network | IPv6Network

_TRUE = frozenset({"on", "true", "1", "yes"})
_FALSE = frozenset({"off", "false", "0", "no"})


def whole(least: int, most: int) -> Reader:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def _number(text: str) -> float:
    """Not a number where the text is none, which no limits hold for."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def days(most: int) -> Reader:
    def read(text: str) -> float:
        number = _number(text)
        if not 0 <= number <= most:
            raise ValueError(f"a number of days up to {most}; 0: for ever")
        return number

    return read


def seconds(least: float, most: float) -> Reader:
    def read(text: str) -> timedelta:
        number = _number(text)
        if not least <= number <= most:
            raise ValueError(f"a number of seconds from {least:g} to {most:g}")
        return timedelta(seconds=number)

    return read


def instant(text: str) -> datetime:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        said = None
    if said is None or said.tzinfo is None:
        raise ValueError("a date and time with its offset, as 2026-11-27T09:00:00+09:00")
    return said


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
    if text.lower() not in CODES:
        raise ValueError("a currency of ISO 4217, as krw")
    return text.lower()


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


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError("addresses or networks like 10.244.0.0/16, several of them with commas between") from None


def topic(text: str) -> str:
    if not _TOPIC.fullmatch(text):
        raise ValueError("a name of at most 200 letters, digits, dots, _ and -")
    return text


def folder(text: str) -> Path:
    allowed = "a folder, which is made when it does not exist"
    path = _path(text, allowed)
    if path.exists() and not path.is_dir():
        raise ValueError(allowed)
    return path


def file(text: str) -> Path:
    allowed = "a file that is there"
    path = _path(text, allowed)
    if not path.is_file():
        raise ValueError(allowed)
    return path


def authorities(text: str) -> Path:
    allowed = "a file of certificates in PEM"
    path = _path(text, allowed)
    try:
        create_default_context(cafile=path)
    except OSError:
        raise ValueError(allowed) from None
    return path


def _path(text: str, allowed: str) -> Path:
    """Not of no name, nor of one that is no UTF-8, which SQLite needs, nor `~` of somebody who has no home."""
    try:
        text.encode()
        path = Path(text).expanduser()
    except (UnicodeEncodeError, RuntimeError):
        raise ValueError(allowed) from None
    if not text:
        raise ValueError(allowed)
    return path.absolute()


_VAPID_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points P-256 has."""
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")
