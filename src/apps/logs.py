"""Logging: JSON lines on stderr (readable ones on a terminal), the correlation id in every line of a case."""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec
import structlog

_encode = msgspec.json.Encoder(enc_hook=str).encode


def configure(level: str) -> None:
    """structlog and the standard library's loggers (uvicorn, litestar, alembic …) write the same lines."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[*_shared(), *_rendering()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line is one write: threads write too
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
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
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]


def _json(line: Any, **_: Any) -> str:
    return _encode(line).decode()
