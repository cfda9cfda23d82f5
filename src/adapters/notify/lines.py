"""Connections to an SMTP server: a few at most, used again and again, with the patience that RFC 5321 asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from adapters.notify.slots import room
from myticket_core.errors import InDoubt
from myticket_core.notification.ports import Full

MOST: Final = 4
WAIT: Final = 10.0
"""Seconds that a mail waits for a line."""
PATIENCE: Final = 10.0
"""Seconds for each answer of the server, but for the last one."""
ANSWER: Final = 600.0
"""Seconds for that: a mail that was handed over and is handed over again comes twice (RFC 5321, 4.5.3.2.6)."""
LONGEST: Final = 720.0
"""Seconds for a whole mail, from when it has a line, however slowly the server answers."""
PORTS: Final = {"smtp": 25, "smtps": 465}


class Lines:
    """`url`: smtps://…, or smtp://…, with ?starttls made secure before anything is said; certificates are verified.

    `sender`: whose domain is what we are called: a machine's or pod's name has often no dot, which servers refuse.
    `trusted`: by whose word, instead of the machine's authorities.
    """

    def __init__(self, url: str, sender: str, trusted: SSLContext | None = None) -> None:
        self._url, self._name, self._trusted = urlsplit(url), _domain(sender), trusted
        self._free = asyncio.Semaphore(MOST)
        self._idle: list[_Line] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection that is signed in. After a refusal it is used again; after anything else it is not.

        Raises Full, also when it is cut off while no mail was handed over.
        """
        smtp = None
        try:
            async with self._one() as smtp:
                yield smtp
        except asyncio.CancelledError:
            if smtp is None or not smtp.in_doubt:
                raise Full("cut off before anything was handed over", timedelta(0)) from None
            raise

    async def close(self) -> None:
        while self._idle:
            with suppress(aiosmtplib.SMTPException, OSError):  # it goes away in any case
                await self._idle.pop().quit(timeout=1)

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[_Line]:
        async with room(WAIT, self._free), asyncio.timeout(LONGEST):
            smtp = await self._open()
            try:
                yield smtp
            except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused):
                self._idle.append(smtp)
                raise
            except BaseException:
                smtp.close()
                raise
            self._idle.append(smtp)

    async def _open(self) -> _Line:
        while self._idle:
            smtp = self._idle.pop()
            if smtp.is_connected:
                return smtp
        smtp = _smtp(self._url, self._name, self._trusted)
        await smtp.connect()
        return smtp


class _Line(aiosmtplib.SMTP):
    in_doubt = False
    """Whether it was cut off while a mail may have been taken."""

    async def data(self, message: str | bytes, /, *, timeout: Any = None) -> aiosmtplib.SMTPResponse:
        """Raises InDoubt: it may have been taken. Its patience is its own."""
        try:
            return await super().data(message, timeout=ANSWER)
        except asyncio.CancelledError:
            self.in_doubt = True
            raise
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError) as lost:
            why = type(lost).__name__
            raise InDoubt(f"no answer to a mail that was handed over ({why}): it may have arrived") from None


def _domain(sender: str) -> str | None:
    """None: the sender is on this machine, which has a name of its own."""
    domain = sender.rpartition("@")[2]
    return domain if "." in domain else None


def _smtp(url: SplitResult, name: str | None, trusted: SSLContext | None) -> _Line:
    return _Line(
        hostname=url.hostname,
        port=url.port or PORTS[url.scheme],
        username=None if url.username is None else unquote(url.username),
        password=None if url.password is None else unquote(url.password),
        local_hostname=name,
        timeout=PATIENCE,
        use_tls=url.scheme == "smtps",
        start_tls=url.scheme == "smtp" and url.query == "starttls",
        tls_context=trusted,
    )
