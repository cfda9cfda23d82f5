"""Who is signed in, in a cookie that only we can read or write: no store, any replica, gone with the browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from secrets import token_urlsafe
from typing import Any, Final

from attrs import asdict, define, field, frozen
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

COOKIE: Final = "myticket"
WEEK: Final = 7 * 86_400


@frozen
class Session:
    """`role` and `number` (the customer's or the company's) are for showing; the API believes the token alone.

    `lapsed`: nobody's, of whom the API knows no more who it was, and who did not sign out.
    """

    id: str
    token: str | None = field(default=None, repr=False)
    role: str | None = None
    number: int | None = None
    lapsed: bool = False

    @property
    def whose(self) -> str:
        """Whose forms they are: a person's own, in whichever session of theirs; of nobody yet, this session's."""
        return self.id if self.role is None else f"{self.role} {self.number}"

    @classmethod
    def new(cls, token: str | None = None, role: str | None = None, number: int | None = None) -> Session:
        """Another one at every sign-in, so that nobody can have it from before."""
        return cls(token_urlsafe(16), token, role, number)

    @property
    def said(self) -> Mapping[str, Any]:
        """What makes it again; no more, so that a replica of before can read it."""
        return asdict(self, filter=lambda member, value: value != member.default)


@define
class Sessions:
    """`secret` is the same in every replica. What was made with the one `before` it still holds; nothing new is.
    `secure`: the cookie is sent over TLS only.
    """

    secret: bytes = field(repr=False)
    secure: bool
    before: bytes | None = field(default=None, repr=False)
    clock: Callable[[], float] = time.time
    _lock: MultiFernet = field(init=False, repr=False)

    @_lock.default
    def _opened(self) -> MultiFernet:
        """The first one closes."""
        return MultiFernet([_lock(secret) for secret in self._secrets()])

    @property
    def name(self) -> str:
        return self.named(COOKIE)

    def named(self, what: str) -> str:
        """Of a cookie: over TLS one that no other host of the same domain can set (RFC 6265bis, 4.1.3.2)."""
        return f"__Host-{what}" if self.secure else what

    def read(self, cookies: Mapping[str, str]) -> Session | None:
        """None: nobody's, or not written by us."""
        try:
            return Session(**self.opened(cookies.get(self.name)))
        except TypeError:
            return None

    def written(self, session: Session | None) -> str:
        """The Set-Cookie that keeps it until the browser ends, or takes it away."""
        if session is None:
            return self.cookie(self.name, "", "; Max-Age=0")
        return self.cookie(self.name, self.closed(session.said))

    def closed(self, said: Mapping[str, Any]) -> str:
        """For a cookie: only we can read it, or write one."""
        return self._lock.encrypt_at_time(json.dumps(said).encode(), int(self.clock())).decode()

    def opened(self, cookie: str | None, seconds: int | None = None) -> Mapping[str, Any]:
        """What is in it; nothing, if it was not written by us, or not in these last seconds: that a browser forgets it
        binds nobody.
        """
        try:
            said: Mapping[str, Any] = json.loads(self._decrypted(cookie or "", seconds))
        except (InvalidToken, ValueError):
            return {}
        return said

    def _decrypted(self, cookie: str, seconds: int | None) -> bytes:
        """Raises InvalidToken."""
        if seconds is None:
            return self._lock.decrypt(cookie)
        return self._lock.decrypt_at_time(cookie, seconds, int(self.clock()))

    def cookie(self, name: str, value: str, more: str = "") -> str:
        secure = "; Secure" if self.secure else ""
        return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}"

    def form_token(self, session: Session) -> str:
        """What a form has to bring along: nobody else can make it.

        Until the next week is over it holds in other sessions of the same person too, so that what they type outlives
        one that ends meanwhile.
        """
        return _mark(self.secret, b"form:", f"{self._week()} {session.whose}")

    def is_form_token(self, session: Session | None, said: str) -> bool:
        if session is None:
            return False
        made = [f"{self._week() - ago} {session.whose}" for ago in (-1, 0, 1)]  # by a clock that is ahead, too
        return _is_any(said, [_mark(it, b"form:", what) for it in self._secrets() for what in made])

    def seal(self, what: str) -> str:
        """Short enough for a QR code; 96 bits of it, which nobody guesses at a door."""
        return _seal(self.secret, what)

    def is_seal(self, what: str, said: str) -> bool:
        return _is_any(said, [_seal(it, what) for it in self._secrets()])

    def _week(self) -> int:
        return int(self.clock() // WEEK)

    def _secrets(self) -> list[bytes]:
        return [self.secret] if self.before is None else [self.secret, self.before]


def _lock(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"session:" + secret).digest()))


def _mark(secret: bytes, purpose: bytes, what: str) -> str:
    return hmac.new(purpose + secret, what.encode(), hashlib.sha256).hexdigest()


def _seal(secret: bytes, what: str) -> str:
    return _mark(secret, b"seal:", what)[:24]


def _is_any(said: str, right: Sequence[str]) -> bool:
    return any(hmac.compare_digest(it.encode(), said.encode()) for it in right)


def cookies(header: str) -> dict[str, str]:
    """As they stand there: those of others on this host, whatever is in them, are in nobody's way.

    Of two with one name the first counts, which is the one for the longer path (RFC 6265, 5.4).
    """
    parts = [part.partition("=") for part in header.split(";")]
    return {name.strip(): value.strip() for name, _, value in reversed(parts)}
