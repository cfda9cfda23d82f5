"""The development issuer: a key of its own that stays, readable by nobody else."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from adapters.rest import DevelopmentIssuer, TokenVerifier
from adapters.rest.development import AUDIENCE, FILE, ISSUER
from myticket_core.access import Principal, Role
from myticket_core.errors import Unauthenticated
from tests.services.rest_world import SetClock, World


async def test_a_token_is_good_after_a_restart(tmp_path: Path) -> None:
    clock = SetClock()
    token = DevelopmentIssuer.kept_in(tmp_path, clock).token(Role.ORGANIZER, company_id=3)
    again = DevelopmentIssuer.kept_in(tmp_path, clock)
    verifier = TokenVerifier(again, ISSUER, AUDIENCE, clock)
    principal = await verifier.principal(f"Bearer {token}")
    assert principal == Principal("organizer-3", Role.ORGANIZER, company_id=3)


async def test_another_folder_is_another_issuer(tmp_path: Path) -> None:
    clock = SetClock()
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    one, other = [DevelopmentIssuer.kept_in(folder, clock) for folder in folders]
    with pytest.raises(Unauthenticated):
        await TokenVerifier(other, ISSUER, AUDIENCE, clock).principal(f"Bearer {one.token(Role.ADMIN)}")


def test_the_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    issuer = DevelopmentIssuer.kept_in(tmp_path, SetClock())
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    (tmp_path / FILE).chmod(0o644)
    assert DevelopmentIssuer.kept_in(tmp_path, SetClock()).jwks() == issuer.jwks()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_of_two_makers_at_once_both_use_the_first_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = DevelopmentIssuer.kept_in(tmp_path, SetClock())
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert DevelopmentIssuer.kept_in(tmp_path, SetClock()).jwks() == first.jwks()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_token_lives_as_long_as_it_is_told(tmp_path: Path) -> None:
    clock = SetClock()
    token = DevelopmentIssuer.kept_in(tmp_path, clock).token(Role.ADMIN, lifetime=timedelta(minutes=1))
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - int(clock.now().timestamp()) == 60


async def test_only_the_public_key_is_shown() -> None:
    world = World()
    answer = await world.ask(None, "GET", "/.well-known/jwks.json")
    assert answer.json() == json.loads(json.dumps(world.issuer.jwks()))
    assert "d" not in answer.json()["keys"][0]
