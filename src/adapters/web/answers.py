"""What a browser gets, and why it gets something else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from attrs import frozen

from adapters.web.addresses import at
from adapters.web.asking import Answer, Telling


class NoPage(Exception):
    """There is no page of this: a status, what the pages call what is wrong, and what a header says of it."""

    def __init__(self, status: int, text: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers


class SignInFirst(Exception):
    """This is for somebody, and nobody is signed in."""


class Stale(Exception):
    """Whoever was signed in is not any more."""


@frozen
class Page:
    """What a browser gets; with `events`, what these say instead, as long as they go on."""

    status: int
    body: bytes
    media: str = "text/html; charset=utf-8"
    headers: Sequence[tuple[str, str]] = ()
    events: AbstractAsyncContextManager[Telling] | None = None


def no_page(answer: Answer) -> NoPage:
    known = {403: "not_yours", 404: "not_there", 410: "not_there", 429: "too_often"}
    if answer.status in known:
        return NoPage(answer.status, known[answer.status])
    return NoPage(503 if answer.status >= 500 else answer.status, "not_now" if answer.status >= 500 else "not_so")


def anew(address: str) -> Page:
    """For a part: the whole page it is in has to be made anew. It is asked for by its `address`; loaded again, one that
    is the answer to a form would send that form again.
    """
    return Page(200, b"", headers=[("hx-redirect", address)])


def to(path: str, **query: str) -> Page:
    """Go there, and look."""
    return Page(303, b"", headers=[("location", at(path, **query))])
