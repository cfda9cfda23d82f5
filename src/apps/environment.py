"""Settings, read once from the environment; a wrong one stops the start and says what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import fields, frozen

from apps.failures import CannotRun
from apps.settings import Settings

REDACTED: Final = "***"
WAITED_FOR: Final = ("PAYMENT_TIMEOUT_SECONDS", "READ_WAIT_SECONDS")
"""Within a request."""


class WrongSetting(Exception):
    def __init__(self, name: str, value: str | None, allowed: str) -> None:
        super().__init__(f"{name} is {value!r}; allowed: {allowed}")
        self.name, self.value, self.allowed = name, value, allowed


class WrongSettings(CannotRun):
    """Every wrong setting at once: name, value (a secret's is not shown), what is allowed."""

    def __init__(self, each: list[WrongSetting]) -> None:
        super().__init__("\n".join(map(str, each)))
        self.each = each


@frozen
class Given:
    """A value as somebody gave it, and where."""

    source: str
    value: str


def load(environ: Mapping[str, str], given: Mapping[str, Given] | None = None) -> Settings:
    """`given` is what the command line says; it wins over the environment. Raises WrongSettings."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    wrong: list[WrongSetting] = []
    for attribute in _attributes():
        try:
            found = (given or {}).get(attribute.name) or _found(attribute, environ)
            if found is not None:
                values[attribute.name] = _read(attribute, found)
                sources[attribute.name] = found.source
        except WrongSetting as one:
            wrong.append(one)
    if wrong:
        raise WrongSettings(wrong)
    return _in_order(Settings(**values, sources=sources))


def _in_order(settings: Settings) -> Settings:
    """Raises WrongSettings: a request would be given up before what it waits for is known."""
    request = settings.request_timeout_seconds
    source = settings.sources.get("request_timeout_seconds", "REQUEST_TIMEOUT_SECONDS")
    waits = {name: getattr(settings, name.lower()) for name in WAITED_FOR}
    more = [f"more than {name}, which is {_written(wait)}" for name, wait in waits.items() if request <= wait]
    if more:
        raise WrongSettings([WrongSetting(source, _written(request), allowed) for allowed in more])
    return settings


def shown(settings: Settings) -> Iterator[tuple[str, str | None, str]]:
    """(The shortest name that is read, value with secrets redacted, where it came from) of every setting."""
    for attribute in _attributes():
        value = getattr(settings, attribute.name)
        source = settings.sources.get(attribute.name, "default")
        name = attribute.name.upper()
        yield name if attribute.metadata["plain"] else f"MYTICKET_{name}", _redacted(attribute, _written(value)), source


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
        raise WrongSetting(name, path, f"a readable text file ({why})") from error
    if not said:
        raise WrongSetting(name, path, "a text file that is not empty")
    return Given(name, said)


def _read(attribute: Any, given: Given) -> Any:
    try:
        return attribute.metadata["read"](given.value)
    except ValueError as refused:
        raise WrongSetting(given.source, _redacted(attribute, given.value), str(refused)) from None


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
