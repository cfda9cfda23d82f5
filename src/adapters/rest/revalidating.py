"""Answers that a caller may keep and ask about again: strong validators, 304 for who has it, and changes of nothing but
what the caller has (RFC 9110, 13)."""

from __future__ import annotations

import re
from collections.abc import Set
from hashlib import blake2b
from typing import Final

from adapters.rest.call import Call
from adapters.rest.media import SPOKEN
from adapters.rest.problems import Problem
from adapters.rest.reply import Reply, in_json

TOLD: Final = ("ETag", "Cache-Control", "Vary")
"""The headers of such an answer, and of a 304."""
KEPT: Final = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
"""By the caller alone, who asks each time whether it still holds."""
_TAG: Final = re.compile(r'(W/)?("[^"]*")')


def kept(call: Call, body: object) -> Reply:
    """The body with its tag; 304 and no body when the caller says that it has just that one."""
    answer = in_json(body, call.answer_in)
    tag = _tag(answer, call.answer_in)
    headers = {"ETag": tag, **KEPT}
    if _excepted(call, {tag}):
        return Reply(304, None, b"", headers)
    return answer.saying(headers)


def conditional(call: Call) -> bool:
    """Whether If-Match or If-None-Match narrow what is asked for; If-Match: * does not."""
    return b"if-none-match" in call.headers or not _matches_anything(call)


def is_met(call: Call, body: object) -> bool:
    """Whether a GET would answer what If-Match names, and not what If-None-Match does, in any of our media types.

    Weak tags name nothing in If-Match.
    """
    tags = {_tag(in_json(body, media), media) for media in SPOKEN}
    wanted = [tag for weak, tag in _TAG.findall(call.headers.get(b"if-match", "")) if not weak]
    return not _excepted(call, tags) and (_matches_anything(call) or not tags.isdisjoint(wanted))


def check_unmatched(call: Call, anew: bool) -> None:
    """Where there are no tags, nothing is changed that is to be what one of them names, nor what is not to be there at
    all; `anew`: the operation sees to that. Raises Problem.
    """
    if call.scope["method"] == "GET":
        return
    if not _matches_anything(call):
        raise Problem("changed_meanwhile", "nothing has a tag here: leave out If-Match, or say *")
    if only_anew(call) and not anew:
        raise Problem("changed_meanwhile", "this is not for where nothing is: leave out If-None-Match: *")


def only_anew(call: Call) -> bool:
    """Whether it is to be done only where nothing is there."""
    return call.headers.get(b"if-none-match") == "*"


def _matches_anything(call: Call) -> bool:
    return call.headers.get(b"if-match", "*") == "*"


def _excepted(call: Call, tags: Set[str]) -> bool:
    """Whether If-None-Match names one of these; a weak one too, as it wants."""
    known = call.headers.get(b"if-none-match", "")
    return known == "*" or any(tag in tags for _, tag in _TAG.findall(known))


def _tag(answer: Reply, media: str) -> str:
    """Of the very bytes: 1 µs, and right whatever the answer is made of. Each media type has tags of its own."""
    return f'"{blake2b(answer.body, digest_size=12, person=media[-16:].encode()).hexdigest()}"'
