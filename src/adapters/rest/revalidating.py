"""Answers that a caller may keep and ask about again: strong validators, 304 for who has it, and changes of nothing but
what the caller has (RFC 9110, 13)."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from adapters.rest.call import Call
from adapters.rest.media import SPOKEN
from adapters.rest.reply import Reply, in_json

TOLD: Final = ("ETag", "Cache-Control", "Vary")
"""The headers of such an answer, and of a 304."""
KEPT: Final = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
"""By the caller alone, who asks each time whether it still holds."""
_TAG: Final = re.compile(r'(W/)?("[^"]*")')


def kept(call: Call, body: object) -> Reply:
    """The body with its tag; 304 and no body when the caller says that it has just that one."""
    answer = call.answer(body)
    headers = {"ETag": _tag(answer, call.answer_in), **KEPT}
    known = call.headers.get(b"if-none-match", "")
    if known == "*" or headers["ETag"] in [tag for _, tag in _TAG.findall(known)]:  # weak ones too, as it wants
        return Reply(304, None, b"", headers)
    return answer.saying(headers)


def conditional(call: Call) -> bool:
    """Whether what is asked for is to be done only to what the caller knows; `*` is whatever there is."""
    return call.headers.get(b"if-match", "*") != "*"


def is_known(call: Call, body: object) -> bool:
    """Whether a GET would answer what If-Match names, in any of our media types. Weak tags name nothing there."""
    known = [tag for weak, tag in _TAG.findall(call.headers.get(b"if-match", "")) if not weak]
    return any(_tag(in_json(body, media), media) in known for media in SPOKEN)


def _tag(answer: Reply, media: str) -> str:
    """Of the very bytes: 1 µs, and right whatever the answer is made of. Each media type has tags of its own."""
    return f'"{blake2b(answer.body, digest_size=12, person=media[-16:].encode()).hexdigest()}"'
