"""What a browser sends: fields of a form, of a size that ours have."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from adapters.web.answers import NoPage
from adapters.web.asking import Receive

LARGEST: Final = 64 * 1024


async def fields(receive: Receive) -> dict[str, str]:
    """Raises NoPage: it is too large, or broke off, and what has come of it may say something else than all of it."""
    said = parse_qsl((await _whole(receive)).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: value.strip() for name, value in said}


async def _whole(receive: Receive) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise NoPage(400, "form_too_old")  # nobody reads it
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST:
            raise NoPage(413, "too_large")
        more = message.get("more_body", False)
    return b"".join(chunks)
