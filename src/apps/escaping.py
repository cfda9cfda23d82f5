"""What strangers wrote, shown: in a terminal it stays text, where it could have moved the cursor or forged lines."""

from __future__ import annotations

import json


def escaped(text: str) -> str:
    """In one line, what is not printable (controls, overrides of direction, half a surrogate pair) as JSON writes it:
    what was JSON in one line still is the same.
    """
    if text.isprintable():
        return text
    return "".join(it if it.isprintable() else json.dumps(it)[1:-1] for it in text)


def escaped_lines(text: str) -> str:
    """Each in its line: for what is of several lines by itself, as a traceback."""
    return "\n".join(map(escaped, text.split("\n")))
