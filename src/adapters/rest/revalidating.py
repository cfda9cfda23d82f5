"""Answers that a caller may keep and ask about again: strong validators, and 304 for who has it (RFC 9110, 13)."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from adapters.rest.call import Call
from adapters.rest.reply import Reply

TOLD: Final = ("ETag", "Cache-Control", "Vary")
"""The headers of such an answer, and of a 304."""
KEPT: Final = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
"""By the caller alone, who asks each time whether it still holds."""
_TAG: Final = re.compile(r'"[^"]*"')
"""Without W/: weak tags are compared as well, as If-None-Match wants it."""


def kept(call: Call, body: object) -> Reply:
    """The body with its tag; 304 and no body when the caller says that it has just that one."""
    answer = call.answer(body)
    headers = {"ETag": _tag(answer, call.answer_in), **KEPT}
    known = call.headers.get(b"if-none-match", "")
    if known == "*" or headers["ETag"] in _TAG.findall(known):
        return Reply(304, None, b"", headers)
    return answer.saying(headers)


def _tag(answer: Reply, media: str) -> str:
    """Of the very bytes: 1 µs, and right whatever the answer is made of. Each media type has tags of its own."""
    return f'"{blake2b(answer.body, digest_size=12, person=media[-16:].encode()).hexdigest()}"'
