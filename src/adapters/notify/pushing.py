"""What a browser is sent: a message for its service worker."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.notify.fact import fact
from myticket_core.notification.letter import BETWEEN, LANGUAGES, PARAGRAPH
from myticket_core.notification.model import Message

LONGEST: Final = 1600
"""Bytes of a text in each language: both and the rest are within the 3,993 that a push service has to take."""


def told(message: Message) -> bytes:
    """JSON: `title` and `body` by language, `tag`, for whom it is, and what it is about."""
    title, *paragraphs = message.text.split(PARAGRAPH)
    said = {
        "title": _by_language(title.split(BETWEEN)),
        "body": _by_language(paragraphs),
        "tag": tag(message),
        "for": "organizer" if message.customer_id is None else "customer",
        "bookId": message.booking_id,
        "ticketId": message.ticket_id,
    }
    return _json(said)


def tag(message: Message) -> str:
    """The same for one fact and recipient; nothing can be read in it. What is shown twice is shown once by it."""
    return fact(message)[:32]


def _by_language(texts: Sequence[str]) -> Mapping[str, str]:
    return {language: _short(text) for language, text in zip(LANGUAGES, texts, strict=False)}


def _short(text: str) -> str:
    """A member of an event may be as long as it likes."""
    cut = text
    while len(_json(cut)) > LONGEST:
        cut = cut[: len(cut) * 4 // 5]
    return cut if cut == text else f"{cut}…"


def _json(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
