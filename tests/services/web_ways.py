"""A way from the pages to the API on which something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from attrs import define, field

from adapters.web.asking import Answer, Ask, NoAnswer, Question
from tests.services.web_world import WebWorld


@define
class Way:
    """Paths that begin with one of `away` are not reached, of `hung` never answered.

    What is sent to `lost` is done, and its answer lost, or another one given `instead`; to `refused` it is not done.
    """

    ask: Ask
    away: tuple[str, ...] = ()
    hung: tuple[str, ...] = ()
    refused: Mapping[str, int] = field(factory=dict)
    lost: str = ""
    instead: Answer | None = None
    asked: list[Question] = field(factory=list)

    async def __call__(self, question: Question) -> Answer:
        self.asked.append(question)
        if question.path.startswith(self.away):
            raise NoAnswer
        if question.path.startswith(self.hung):
            await asyncio.Event().wait()
        if question.method != "GET" and question.path in self.refused:
            return Answer(self.refused[question.path], {}, b'{"code": "too_many_requests"}')
        answer = await self.ask(question)
        if (question.method, question.path) != ("POST", self.lost):
            return answer
        if self.instead is None:
            raise NoAnswer
        return self.instead


def way(world: WebWorld) -> Way:
    """The one of its pages from now on."""
    made = Way(world.site.ask)
    world.changed(ask=made)
    return made
