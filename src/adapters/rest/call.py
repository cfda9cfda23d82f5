"""One request, as far as every operation needs it: who asks, within which scope, why, and what was sent."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from datetime import datetime
from hashlib import blake2b
from time import monotonic
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

import attrs
import msgspec

from adapters.rest import media
from adapters.rest.dates import read_date, read_end
from adapters.rest.problems import Problem
from adapters.rest.reading import TRUTH, Shape, cut, integer, within
from adapters.rest.reply import Reply, in_json
from adapters.rest.time_left import TIME_LEFT, TimeLeft, time_left
from myticket_core.access import EVERYTHING, Principal, Scope
from myticket_core.errors import Invalid
from myticket_core.messages import Cause
from myticket_core.values import LARGEST

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

LARGEST_BODY: Final = 64 * 1024
_TIME_LEFT: Final = TIME_LEFT.lower().encode()
_HEADERS: Final = frozenset({
    b"accept", b"authorization", b"content-encoding", b"content-type", b"idempotency-key", b"if-match",
    b"if-none-match", b"last-event-id", b"x-correlation-id", _TIME_LEFT, b"stripe-signature",
})  # fmt: skip
CORRELATION_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_KEY: Final = re.compile(r"[\x20-\x7e]{1,200}")
_ID: Final = integer(1)


class Call:
    """Made at the door; `principal`, `owner` and `answer_in` are set once the policy has let it in.

    `marks` are headers of its answer, whatever that will be; `arriving`: its body is waited for. `head`: only the head
    of the answer is asked for. `guarded`: its answer is for who asks alone.
    """

    __slots__ = (
        "_query",
        "answer_in",
        "arriving",
        "came",
        "correlation_id",
        "guarded",
        "head",
        "headers",
        "id",
        "marks",
        "owner",
        "principal",
        "receive",
        "scope",
    )

    def __init__(self, scope: Mapping[str, Any], receive: Receive, id: str) -> None:
        self.scope, self.receive, self.id, self.came = scope, receive, id, monotonic()
        self.headers = _headers(scope["headers"])
        asked = self.headers.get(b"x-correlation-id", "")
        self.correlation_id = asked if CORRELATION_ID.fullmatch(asked) else id
        self.marks: Sequence[tuple[bytes, bytes]] = ((b"x-correlation-id", self.correlation_id.encode()),)
        self.principal: Principal | None = None
        self.owner: Scope = EVERYTHING
        self.answer_in = media.HAL
        self.arriving = self.head = self.guarded = False
        self._query: dict[str, list[str]] | None = None

    def check_headers(self, spoken: Sequence[str] = media.SPOKEN) -> None:
        """Raises Invalid, Problem("not_acceptable"): it is answered in what is `spoken`; () whatever is accepted."""
        asked = self.headers.get(b"x-correlation-id")
        if asked is not None and asked != self.correlation_id:
            raise Invalid("X-Correlation-Id", asked, "1 to 64 of A-Z a-z 0-9 . _ -")
        if spoken and self.scope["method"] != "DELETE":
            self.answer_in = media.answer_in(self.headers.get(b"accept", ""), spoken)

    def rated(self, marks: Sequence[tuple[bytes, bytes]]) -> None:
        """What the answer says of the limits, in place of what it would have said."""
        self.marks = (self.marks[0], *marks)

    def path_id(self, name: str) -> int:
        """The id in the path. Raises Invalid."""
        return int(_ID.read(name, self.scope["path_params"][name]))

    async def body(self, shape: Shape, *, optional: bool = False) -> dict[str, Any]:
        """The members sent. Raises Invalid, Problem("unsupported_media_type")."""
        raw = await self.whole()
        if optional and not raw:  # whatever the type is that some clients say of nothing
            return {}
        media.check_readable(self.headers.get(b"content-type", ""), self.headers.get(b"content-encoding", ""))
        return shape.read(raw)

    async def whole(self) -> bytes:
        """The body as it was sent, whatever it is. Raises Problem("too_large")."""
        self.arriving = True
        raw = await _whole(self.receive)
        self.arriving = False
        return raw

    def cause(self, order: Any = None) -> Cause:
        """Why what follows happens; with an Idempotency-Key it happens once. Raises Invalid."""
        key = self.headers.get(b"idempotency-key") if self.scope["method"] == "POST" else None
        return self.once("Idempotency-Key", key, self.scope["path_template"], order)

    def once(self, member: str, key: str | None, command: str, order: Any) -> Cause:
        """Why it happens; with a key of its asker's it happens once, by whichever protocol. Raises Invalid of `member`.

        `command` is the template of its path: what is in the path is in the order too.
        """
        if key is None:
            return Cause(id=self.id, correlation_id=self.correlation_id)
        if not _KEY.fullmatch(key):
            raise Invalid(member, key, "1 to 200 printable ASCII characters")
        asker = self.principal.subject if self.principal else ""
        scoped = f"{asker}:POST {command}:{key}"
        return Cause(id=self.id, correlation_id=self.correlation_id, key=scoped, fingerprint=fingerprint(order))

    def deadline(self) -> TimeLeft | None:
        """Until when the caller waits, if it says so. Raises Invalid."""
        return time_left(self.headers.get(_TIME_LEFT), self.came)

    def answer(self, body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        return in_json(body, self.answer_in, status, {"Vary": "Accept", **(headers or {})})

    @property
    def query(self) -> Mapping[str, Sequence[str]]:
        """The query's parameters. Raises Invalid."""
        if self._query is None:
            self._query = _query(self.scope["query_string"])
        return self._query

    def one(self, name: str) -> str | None:
        """A parameter that stands there once at most; blank counts as nothing. Raises Invalid."""
        values = self.query.get(name, ())
        if len(values) > 1:
            raise repeated(name, values, "given once")
        return values[0] or None if values else None

    def number(self, name: str, least: int = 0, most: int = LARGEST) -> int | None:
        return within(least, most, name, self.one(name))

    def date(self, name: str) -> datetime | None:
        return read_date(name, self.one(name))

    def end(self, name: str) -> datetime | None:
        return read_end(name, self.one(name))

    def truth(self, name: str) -> bool | None:
        said = self.one(name)
        return None if said is None else bool(TRUTH.read(name, said))


def call_of(scope: Any) -> Call:
    """The call that the door has made of this request."""
    call: Call = scope["state"]["call"]
    return call


def fingerprint(order: Any) -> str:
    """Tells two commands apart; members added to a command later do not change it as long as they are not used."""
    members = {name: value for name, value in attrs.asdict(order, recurse=False).items() if value is not None}
    return blake2b(msgspec.json.encode(members, order="sorted"), digest_size=16).hexdigest()


def repeated(name: str, values: Sequence[str], allowed: str) -> Invalid:
    """A parameter that stands there too often."""
    return Invalid(name, "&".join(f"{name}={value}" for value in values), allowed)


async def _whole(receive: Receive) -> bytes:
    """The body. Raises Problem("too_large"), and Invalid when the caller has gone: nobody reads that answer."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("body", "cut off", "a whole one")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST_BODY:
            raise Problem("too_large", f"a body has at most {LARGEST_BODY} bytes")
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """Those that matter here; one that stands there twice is joined by a comma, as HTTP says."""
    found: dict[bytes, str] = {}
    for name, value in raw:
        if name in _HEADERS:
            text = value.decode("latin-1").strip()
            found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _query(raw: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else "they are more"
        raise Invalid("query", cut(raw), "at most 100 parameters in percent-encoded UTF-8", reason) from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
