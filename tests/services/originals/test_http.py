"""What was asked of the originals, asked of ours: it looks the same, or differs as written beside the recording."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.originals.shape import Answer, differences
from tests.services.originals.transcripts import Exchange, Scene, scenes
from tests.services.originals.world import Standing, said

SCENES = scenes()
CHEAP = ("book, dates", "book, a status is a wish")
"""Where the second ticket costs 1 by then."""
PROBLEM = {"type", "title", "status", "detail", "instance", "code", "timestamp", "path", "error", "message"}


async def _world(scene: Scene, **how: Any) -> Standing:
    world = Standing(**how)
    await world.stand(*((1,) if scene.name in CHEAP else ()), bookings=0 if scene.name == "book, nothing yet" else 4)
    world.provider.down = scene.name == "book, pay is down"
    if scene.name == "book, pay hangs":
        world.hang()
    return world


def _seen(exchange: Exchange, ours: Answer) -> list[str]:
    return [*differences(exchange.answer, ours), *_changed(exchange, ours)]


def _changed(exchange: Exchange, ours: Answer) -> list[str]:
    """What was sent is answered as the originals answer it, but for the status, which nobody believes."""
    if exchange.answer.status >= 300 or ours.status >= 300 or not isinstance(exchange.answer.body, dict):
        return []
    sent = said(exchange.request.body).keys() & exchange.answer.body.keys() - {"status"}
    pairs = [(name, exchange.answer.body[name], ours.body.get(name)) for name in sorted(sent)]
    return [f"{name} is {theirs!r} → {mine!r}" for name, theirs, mine in pairs if theirs not in (mine, None)]


def test_there_is_something_to_play() -> None:
    assert len(SCENES) > 25
    assert sum(len(scene.exchanges) for scene in SCENES) > 110


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_ours_answers_like_the_originals(scene: Scene) -> None:
    world = await _world(scene)
    for exchange in scene.exchanges:
        ours = await world.played(exchange.request)
        assert _seen(exchange, ours) == [known.partition(": ")[2] for known in exchange.known], exchange.request


async def test_every_refusal_of_ours_has_the_members_of_the_originals_and_says_why() -> None:
    refused = 0
    for scene in SCENES:
        world = await _world(scene)
        for exchange in scene.exchanges:
            ours = await world.played(exchange.request)
            if ours.status >= 400 and exchange.request.method != "HEAD":
                refused += 1
                assert ours.headers["content-type"] == "application/problem+json"
                assert ours.body.keys() >= PROBLEM
                assert ours.body["status"] == ours.status < 505
    assert refused > 30


async def test_in_a_trusted_mesh_no_token_is_needed() -> None:
    (scene,) = [scene for scene in SCENES if scene.name == "seed, as HTTPie sends it"]
    world = await _world(scene, mesh=True)
    for exchange in scene.exchanges:
        ours = await world.played(exchange.request)
        assert _seen(exchange, ours) == [known.partition(": ")[2] for known in exchange.known], exchange.request
