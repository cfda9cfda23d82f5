"""As much of a pooler as matters here: it knows few startup parameters, and gives sessions away for a transaction."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from attrs import define, field

from tests.services.postgres_world import in_front

KNOWN = {b"user", b"database", b"client_encoding", b"application_name"}
TLS = 80877103


@define(eq=False)
class Pooler:
    """`shared`: in transaction mode, with one session for all; the first client brings the password."""

    url: str
    shared: bool
    _greeting: bytes = b""
    _sessions: list = field(factory=list)
    _serving: list = field(factory=list)
    _turn: asyncio.Lock = field(factory=asyncio.Lock)

    @asynccontextmanager
    async def open(self):
        async with in_front(self.url, self._serve) as url:
            try:
                yield url
            finally:
                await self._ended()

    async def _ended(self):
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        for _, forth in self._sessions:
            forth.close()
            await asyncio.gather(forth.wait_closed(), return_exceptions=True)

    async def _serve(self, client, back):
        self._serving.append(asyncio.current_task())
        try:
            await self._welcomed(client, back)
            while not await self._transaction(client, back):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            back.close()
            await asyncio.gather(back.wait_closed(), return_exceptions=True)

    async def _welcomed(self, client, back):
        startup = await started(client, back)
        words = startup[8:].split(b"\0")
        if unknown := set(words[0:-2:2]) - KNOWN:
            said = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: " + unknown.pop() + b"\0\0"
            back.write(framed(b"E", said))
            raise ConnectionError
        if self.shared and self._sessions:
            back.write(self._greeting)
            return
        far = urlsplit(self.url)
        session = await asyncio.open_connection(far.hostname, far.port)
        session[1].write(startup)
        self._sessions.append(session)
        self._greeting = await self._let_in(client, back, session)
        if not self.shared:
            await passed_on(client, back, session)

    async def _let_in(self, client, back, session):
        """What is told from the moment that the password is right."""
        answers, forth = session
        greeting = b""
        while not greeting.endswith(b"Z\0\0\0\5I"):
            answer = await message(answers)
            back.write(answer)
            if greeting or answer == framed(b"R", bytes(4)):
                greeting += answer
            elif answer[:1] == b"E":
                raise ConnectionError
            elif int.from_bytes(answer[5:9]) != 12:  # the last word about a password wants no answer
                forth.write(await message(client))
        return greeting

    async def _transaction(self, client, back):
        """Whether the client is done."""
        asked = await message(client)
        if asked[:1] == b"X":
            return True
        ((answers, forth),) = self._sessions
        async with self._turn:
            forth.write(asked)
            asking = asyncio.create_task(asked_on(client, forth))
            while not (answer := await message(answers)).endswith(b"Z\0\0\0\5I"):
                back.write(answer)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            back.write(answer)
            return False


async def started(client, back):
    while True:
        length = await client.readexactly(4)
        startup = length + await client.readexactly(int.from_bytes(length) - 4)
        if int.from_bytes(startup[4:8]) != TLS:
            return startup
        back.write(b"N")


async def message(stream):
    head = await stream.readexactly(5)
    return head + await stream.readexactly(int.from_bytes(head[1:]) - 4)


def framed(kind, body):
    return kind + (len(body) + 4).to_bytes(4) + body


async def asked_on(client, forth):
    while True:
        forth.write(await message(client))


async def passed_on(client, back, session):
    answers, forth = session

    async def piped(source, sink):
        while data := await source.read(65536):
            sink.write(data)
        sink.close()

    await asyncio.gather(piped(client, forth), piped(answers, back))
    raise ConnectionError
