"""Who is let in: the corpus of bad tokens, key rotation, and the whole matrix of operations and roles."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any

import attrs
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from litestar.handlers import HTTPRouteHandler
from structlog.testing import capture_logs

from adapters.rest import TokenVerifier, TrustedMesh
from adapters.rest.development import AUDIENCE, ISSUER
from myticket_core.access import ANYONE, MAY, Action, Principal, Role
from myticket_core.errors import Unauthenticated, Unavailable
from myticket_core.values import LARGEST
from tests.services.rest_world import START, SetClock, World

EC, OTHER, RSA = generate_private_key(SECP256R1()), generate_private_key(SECP256R1()), generate_rsa_key(65537, 2048)
NOW = int(START.timestamp())
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "role": "customer", "customer_id": 1, "exp": NOW + 60}


@attrs.define
class Keys:
    """An issuer whose keys can be changed, and which can be down."""

    keys: list[dict[str, Any]]
    down: bool = False
    fetched: int = 0

    async def fetch(self) -> Mapping[str, Any]:
        self.fetched += 1
        if self.down:
            raise Unavailable("the issuer is down")
        return {"keys": self.keys}


def _ec(id: str, key: Any = EC, **more: Any) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": id, **more}


def _rsa(id: str) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": id}


def _verifier(*keys: dict[str, Any]) -> TokenVerifier:
    return TokenVerifier(Keys(list(keys) or [_ec("ec"), _rsa("rsa")]), ISSUER, AUDIENCE, SetClock())


def _token(key: Any = EC, algorithm: str = "ES256", kid: str | None = "ec", header: Any = None, **claims: Any) -> str:
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode(said, key, algorithm, headers={**({"kid": kid} if kid else {}), **(header or {})})


def _raw(header: Any, claims: Any = CLAIMS, signature: bytes = b"x" * 64) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


PUBLIC = EC.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _hs256() -> str:
    """Signed with the public key as if it were a secret."""
    unsigned = _raw({"alg": "HS256", "kid": "ec"}).rpartition(".")[0]
    digest = hmac.digest(PUBLIC, unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


DEEP = base64.urlsafe_b64encode(b"[" * 5000).decode()
BAD = {
    "no scheme": _token(),
    "basic": "Basic YTpi",
    "empty": "Bearer ",
    "no token": "Bearer nonsense",
    "two dots": "Bearer ..",
    "not base64": "Bearer a!.b.c",
    "deep header": f"Bearer {DEEP}.e30.x",
    "deep claims": f"Bearer {_raw({'alg': 'ES256', 'kid': 'ec'}).split('.')[0]}.{DEEP}.x",
    "header of another kind": f"Bearer {_raw([1])}",
    "none": f"Bearer {_raw({'alg': 'none', 'kid': 'ec'}, signature=b'')}",
    "HS256 with the public key": f"Bearer {_hs256()}",
    "RS256 of the EC key": f"Bearer {_token(RSA, 'RS256', 'ec')}",
    "ES256 of the RSA key": f"Bearer {_token(kid='rsa')}",
    "ES384": f"Bearer {_token(generate_private_key(SECP384R1()), 'ES384')}",
    "signed by another": f"Bearer {_token(OTHER)}",
    "no kid": f"Bearer {_token(kid=None)}",
    "kid unknown": f"Bearer {_token(kid='../../etc/passwd')}",
    "kid no text": f"Bearer {_raw({'alg': 'ES256', 'kid': ['ec']})}",
    "crit": f"Bearer {_token(header={'crit': ['x'], 'x': 1})}",
    "changed": f"Bearer {_token()[:-8]}AAAAAAAA",
    "issuer": f"Bearer {_token(iss='somebody')}",
    "no issuer": f"Bearer {_token(iss=None)}",
    "audience": f"Bearer {_token(aud='somebody')}",
    "no audience": f"Bearer {_token(aud=None)}",
    "expired": f"Bearer {_token(exp=NOW - 10)}",
    "no expiry": f"Bearer {_token(exp=None)}",
    "expiry no number": f"Bearer {_token(exp='soon')}",
    "expiry beyond": f"Bearer {_token(exp=1e300)}",
    "not yet": f"Bearer {_token(nbf=NOW + 11)}",
    "no subject": f"Bearer {_token(sub=None)}",
    "a long subject": f"Bearer {_token(sub='a' * 129)}",
    "no role": f"Bearer {_token(role=None)}",
    "an unknown role": f"Bearer {_token(role='root')}",
    "role of another kind": f"Bearer {_token(role=['admin'])}",
    "customer no number": f"Bearer {_token(customer_id='1')}",
    "customer zero": f"Bearer {_token(customer_id=0)}",
    "customer true": f"Bearer {_token(customer_id=True)}",
    "too long": f"Bearer {_token(more='a' * 9000)}",
    "two": f"Bearer {_token()}, Bearer {_token()}",
}


@cache
def _guarded() -> World:
    return World(tokens=_verifier())


@pytest.mark.parametrize("authorization", BAD.values(), ids=BAD)
async def test_a_bad_token_is_nobody(authorization: str) -> None:
    verifier = _verifier()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await verifier.principal(authorization)
    answer = await _guarded().client.get("/books", headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_who_has_a_number_that_nobody_has_is_told_which_there_are() -> None:
    for id in (0, LARGEST + 1):
        with pytest.raises(Unauthenticated, match=f"customer_id is a whole number from 1 to {LARGEST}"):
            await _verifier().principal(f"Bearer {_token(customer_id=id)}")
    assert await _verifier().principal(f"Bearer {_token(customer_id=LARGEST)}")


@pytest.mark.parametrize("token", [_token(), _token(RSA, "RS256", "rsa"), _token(exp=NOW - 9), _token(nbf=NOW + 10)])
async def test_a_good_token_says_who_asks(token: str) -> None:
    assert await _verifier().principal(f"bearer {token}") == Principal("a", Role.CUSTOMER, customer_id=1)


async def test_a_verified_token_ends_when_it_expires() -> None:
    verifier, authorization = _verifier(), f"Bearer {_token()}"
    await verifier.principal(authorization)
    verifier.clock.time += timedelta(seconds=69)  # type: ignore[attr-defined]
    assert await verifier.principal(authorization)
    verifier.clock.time += timedelta(seconds=1)  # type: ignore[attr-defined]
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.principal(authorization)


async def test_no_more_tokens_are_remembered_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.rest.auth.MOST_KNOWN", 2)
    verifier = _verifier()
    for number in range(5):
        await verifier.principal(f"Bearer {_token(sub=str(number))}")
    assert len(verifier._known) == 2


async def test_what_is_no_key_in_a_key_set_is_left_out() -> None:
    strange: list[Any] = [
        "x",
        None,
        {},
        {"kid": ["a"], "kty": "EC"},
        {"kid": "b", "kty": ["EC"]},
        {"kid": "c", "kty": "EC"},
    ]
    verifier = _verifier(*strange, _ec("ec"))
    assert await verifier.principal(f"Bearer {_token()}")
    with pytest.raises(Unauthenticated):
        await verifier.principal(f"Bearer {_token(kid='c')}")


async def test_a_new_key_is_fetched_once_per_patience() -> None:
    verifier, later = _verifier(_ec("ec")), timedelta(seconds=10)
    assert await verifier.principal(f"Bearer {_token()}")
    verifier.jwks.keys.append(_ec("new", OTHER))  # type: ignore[attr-defined]
    with pytest.raises(Unauthenticated):
        await verifier.principal(f"Bearer {_token(OTHER, kid='new')}")
    verifier.clock.time += later  # type: ignore[attr-defined]
    assert await verifier.principal(f"Bearer {_token(OTHER, kid='new')}")
    for number in range(20):
        with pytest.raises(Unauthenticated):
            await verifier.principal(f"Bearer {_token(kid=str(number))}")
    assert verifier.jwks.fetched == 2  # type: ignore[attr-defined]


async def test_a_key_taken_back_is_believed_no_more() -> None:
    verifier, authorization = _verifier(_ec("ec")), f"Bearer {_token(exp=NOW + 3600)}"
    assert await verifier.principal(authorization)
    verifier.jwks.keys = [_ec("new", OTHER)]  # type: ignore[attr-defined]
    assert await verifier.principal(authorization)
    verifier.clock.time += timedelta(minutes=10, seconds=1)  # type: ignore[attr-defined]
    with pytest.raises(Unauthenticated):
        await verifier.principal(authorization)


async def test_a_key_taken_back_is_believed_no_more_whoever_asks_first() -> None:
    verifier = _verifier(_ec("ec"), _ec("new", OTHER))
    old, new = (f"Bearer {_token(key, kid=kid, exp=NOW + 3600)}" for key, kid in ((EC, "ec"), (OTHER, "new")))
    assert await verifier.principal(old)
    assert await verifier.principal(new)
    del verifier.jwks.keys[0]  # type: ignore[attr-defined]
    verifier.clock.time += timedelta(minutes=10, seconds=1)  # type: ignore[attr-defined]
    assert await verifier.principal(new)
    with pytest.raises(Unauthenticated):
        await verifier.principal(old)


async def test_a_clock_that_is_set_back_hides_no_new_key() -> None:
    verifier = _verifier(_ec("ec"))
    assert await verifier.principal(f"Bearer {_token()}")
    verifier.jwks.keys.append(_ec("new", OTHER))  # type: ignore[attr-defined]
    verifier.clock.time -= timedelta(hours=1)  # type: ignore[attr-defined]
    assert await verifier.principal(f"Bearer {_token(OTHER, kid='new')}")


async def test_a_clock_that_is_set_back_leaves_no_key_believed_that_was_taken_back() -> None:
    verifier, authorization = _verifier(_ec("ec")), f"Bearer {_token()}"
    assert await verifier.principal(authorization)
    verifier.jwks.keys = [_ec("new", OTHER)]  # type: ignore[attr-defined]
    verifier.clock.time -= timedelta(hours=1)  # type: ignore[attr-defined]
    with pytest.raises(Unauthenticated):
        await verifier.principal(authorization)


async def test_the_issuer_down_is_503_at_first_and_later_unnoticed() -> None:
    verifier, authorization = _verifier(), f"Bearer {_token(exp=NOW + 3600)}"
    verifier.jwks.down = True  # type: ignore[attr-defined]
    for _ in range(2):
        with pytest.raises(Unavailable):
            await verifier.principal(authorization)
    verifier.jwks.down = False  # type: ignore[attr-defined]
    verifier.clock.time += timedelta(seconds=10)  # type: ignore[attr-defined]
    assert await verifier.principal(authorization)
    verifier.jwks.down = True  # type: ignore[attr-defined]
    verifier.clock.time += timedelta(minutes=11)  # type: ignore[attr-defined]
    assert await verifier.principal(authorization)


async def test_why_there_are_no_keys_is_in_the_log_once_until_it_is_something_else() -> None:
    """Each token says when it ends, so none is known already."""
    verifier = _verifier()
    with capture_logs() as lines:
        for number, (down, keys) in enumerate([(True, []), (True, []), (False, []), (False, [_ec("ec")]), (True, [])]):
            verifier.jwks.down, verifier.jwks.keys = down, keys  # type: ignore[attr-defined]
            with suppress(Unavailable):
                await verifier.principal(f"Bearer {_token(exp=NOW + 86400 + number)}")
            verifier.clock.time += timedelta(hours=1)  # type: ignore[attr-defined]
    why = [line["why"] for line in lines]
    assert why == ["the issuer is down", "none of them can be used: only ES256 and RS256 are", "the issuer is down"]


async def test_keys_of_no_use_are_left_out() -> None:
    keys = ({"kty": "oct", "k": "AAAA", "kid": "ec"}, _ec("ec", use="enc"), _ec("ec", alg="ES512"), {"kty": "EC"},
            _ec("ec", generate_private_key(SECP384R1())), {**_ec("ec"), "x": "!"})  # fmt: skip
    for key in keys:
        with pytest.raises((Unauthenticated, Unavailable)):
            await _verifier(key).principal(f"Bearer {_token()}")


NEEDS = {"/payments/search/findByBookId": "?bookId=1"}


def operations() -> list[tuple[str, str, Action]]:
    """Every guarded operation there is, as the application itself lists them, which is in any order."""
    found = [
        (str(method), route.path_format, handler.opt["action"])
        for route in World().app.routes
        for handler in route.route_handlers  # type: ignore[attr-defined]
        for method in handler.http_methods
        if handler.opt.get("action") not in (None, Action.SAY_AS_PROVIDER)  # whose signature counts: test_webhooks
    ]
    return sorted(found)


WHO = ("organizer 1", "customer 1", "admin", "service")


@pytest.mark.parametrize("method, path, action", operations(), ids=str)
async def test_each_operation_answers_each_role_as_the_policy_says(method: str, path: str, action: Action) -> None:
    world = World()
    await world.ticket()
    address = path.replace("{id}", "1").replace("{ticketId}", "1") + NEEDS.get(path, "")
    body = None if method in ("GET", "DELETE") else {}
    nobody = await world.ask(None, method, address, body)
    assert (nobody.status_code == 401) == (action not in ANYONE)
    for who in WHO:
        answer = await world.ask(who, method, address, body)
        assert answer.status_code != 401
        assert (answer.status_code == 403) == (action not in MAY[Role(who.split()[0])])
        assert answer.status_code < 500
    bad = {"Authorization": BAD["expired"]}
    assert (await world.client.request(method, address, headers=bad, json=body)).status_code == 401


async def test_a_role_that_does_not_say_which_one_it_is_owns_nothing() -> None:
    world = World()
    token = world.issuer.token(Role.CUSTOMER)
    answer = await world.client.get("/books", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


async def test_in_a_trusted_mesh_everybody_is_an_admin() -> None:
    world = World(tokens=TrustedMesh())
    assert (await world.ask(None, "POST", "/tickets", {"price": 1, "companyId": 3})).status_code == 201
    assert (await world.ask(None, "GET", "/books")).status_code == 200


@pytest.mark.parametrize("opt", [{}, {"action": None}])
def test_an_operation_without_an_action_stops_the_start(opt: dict[str, Any]) -> None:
    async def forgotten() -> None:
        """Somebody's new operation."""

    with pytest.raises(ValueError, match="/forgotten"):
        World(more=[HTTPRouteHandler("/forgotten", http_method="GET", opt=opt)(forgotten)])


def test_an_operation_that_steps_around_the_policy_stops_the_start() -> None:
    async def sly() -> None:
        """Somebody's new operation."""

    opt = {"action": Action.BOOK}
    with pytest.raises(ValueError, match="/sly"):
        World(more=[HTTPRouteHandler("/sly", http_method="GET", opt=opt, before_request=lambda _: None)(sly)])
