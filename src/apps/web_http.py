"""How the pages ask services that are other processes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

from attrs import frozen
from structlog.contextvars import get_contextvars

from adapters.rest.client import Http, case_header, deadline
from adapters.rest.client_answer import NoAnswer as NothingCame
from adapters.web.asking import Answer, Ask, NoAnswer, Question
from apps.places import PATHS
from apps.settings import Settings

TIMEOUT: Final = timedelta(seconds=10)
"""A booking waits for its payment, and pay for its provider."""


@frozen
class OverHttp:
    """A reading is asked for again when its connection breaks; all else is sent at most once.

    In the `header` it is said for whom, as a proxy does; a service that does not trust us does not read it.
    """

    http: Http
    header: str = "x-forwarded-for"

    async def __call__(self, question: Question) -> Answer:
        headers = {**case_header(get_contextvars().get("correlation_id")), **self._sender(question), **question.headers}
        headers |= {} if question.token is None else {"Authorization": f"Bearer {question.token}"}
        headers |= {} if question.body is None else {"Content-Type": "application/json"}
        until, method = deadline(TIMEOUT), question.method
        try:
            if method == "GET":
                came = await self.http.get(question.path, until, headers)
            else:
                came = await self.http.once(method, question.path, until, headers, question.body)
        except NothingCame as failure:
            raise NoAnswer(str(failure)) from failure
        if came.body is None:
            raise NoAnswer("larger than anything the pages ask for")
        return Answer(came.status, {name.lower(): value for name, value in came.headers.items()}, came.body)

    def _sender(self, question: Question) -> Mapping[str, str]:
        if question.sender is None:
            return {}
        address: str = question.sender[0]
        if self.header != "forwarded":
            return {self.header: address}
        return {self.header: f'for="[{address}]"' if ":" in address else f"for={address}"}


@frozen
class ByPlace:
    """Who is asked for what stands first in the path, and who for the rest."""

    places: Mapping[str, Ask]
    rest: Ask

    async def __call__(self, question: Question) -> Answer:
        place = question.path.partition("?")[0].split("/")[1]
        return await self.places.get(place, self.rest)(question)


def by_place(settings: Settings, rest: Ask, closing: AsyncExitStack) -> Ask:
    """Services where the settings say they are; `rest` is my page itself."""
    asked = {"ticket": settings.api_url_ticket, "book": settings.api_url_book, "alarm": settings.api_url_alarm}
    https = {url: Http(url) for url in asked.values() if url}
    for http in https.values():
        closing.push_async_callback(http.close)
    header = settings.forwarded_header
    over = {name: OverHttp(https[url], header) for name, url in asked.items() if url}
    return ByPlace({path: over[name] for name in over for path in PATHS[name]}, rest)
