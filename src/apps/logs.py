"""Logging: JSON lines on stderr (readable ones on a terminal), the correlation id in every line of a case."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Any, Final, TextIO, cast

import msgspec
import structlog
from structlog.typing import EventDict

from apps.escaping import escaped, escaped_lines

_encode = msgspec.json.Encoder(enc_hook=str).encode
_OF_LINES: Final = frozenset({"exception", "stack"})
"""Whose line breaks are their own."""


class Lines:
    """What cannot be written is lost, as its disk is full or nobody reads any more: whoever logs goes on."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._out.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._out.flush()


def configure(level: str) -> None:
    """structlog and the standard library's loggers (uvicorn, litestar, alembic …) write the same lines."""
    number, lines = getattr(logging, level.upper()), cast(TextIO, Lines(sys.stderr))
    structlog.configure(
        processors=[*_shared(), *_rendering()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(lines),  # a line is one write: threads write too
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(lines)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=_foreign(), foreign_pre_chain=_shared()))
    logging.basicConfig(handlers=[handler], level=max(number, logging.INFO), force=True)
    for chatty in ("uvicorn.error", "alembic"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
    # Without a broker it says so many times a second; adapters.kafka says it once.
    # So does PostgreSQL's pool with a traceback, in the name of some request; workers say once that the store is away.
    for hopeful in ("kafka", "asyncpg.pool"):
        logging.getLogger(hopeful).setLevel(logging.WARNING if number <= logging.DEBUG else logging.CRITICAL)


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _foreign() -> list[Any]:
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering()]


def _rendering() -> list[Any]:
    if sys.stderr.isatty():
        plain = structlog.dev.plain_traceback  # its other ones show what the variables hold: tokens, and pages of it
        console = structlog.dev.ConsoleRenderer(exception_formatter=plain)
        return [structlog.processors.format_exc_info, _printable, console]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]


def _printable(_: Any, __: str, line: EventDict) -> EventDict:
    """Of other values than texts the renderer writes what `repr` does, which is printable."""
    return {name: _shown(name, value) if isinstance(value, str) else value for name, value in line.items()}


def _shown(name: str, text: str) -> str:
    return escaped_lines(text) if name in _OF_LINES else escaped(text)


def _json(line: Any, **_: Any) -> str:
    return escaped(_encode(line).decode())
