"""Signing in: with an OpenID provider, or on one's own machine as whoever one wants to be; and out again."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from secrets import token_urlsafe
from typing import Any, Final

from attrs import evolve

from adapters.web import push
from adapters.web.addresses import at, ours, whole
from adapters.web.answers import NoPage, Page, to
from adapters.web.sessions import Session
from adapters.web.site import NotLetIn, Provider
from adapters.web.visit import Visit

ROLES: Final = {"customer": "customer_id", "organizer": "company_id"}
"""And the claim of a token that says which one."""
PENDING: Final = "myticket-sign-in-"
"""And the state by which the provider says which one it is."""
ANEW: Final = "anew"
LEFT: Final = "myticket-signed-out"
"""A cookie of who has signed out here, and not in again since."""
UNDER_WAY: Final = 600
"""Seconds that one may take to sign in."""
ROOM: Final = 3072
"""Characters that all sign-ins under way have in the head of every request, some eight of them."""
LONGEST_NEXT: Final = 1000
"""Of the address of a page to go on to: in a cookie it is half as long again."""
LONGEST_TOKEN: Final = 2600
"""A browser keeps no larger cookie than 4096 bytes, and encrypted it is half as long again."""


async def form(visit: Visit) -> Page:
    """With a provider: each sign-in is under way in a cookie of its own, so several can be, and none ends a session.

    The provider may know who was here before. After a sign-out, and where that is nobody here, it has to ask anew.
    """
    if visit.site.provider is None:
        return await _asked(visit, visit.query)
    state, verifier, onward = token_urlsafe(24), token_urlsafe(48), ours(visit.query.get("next", ""))
    onward = onward if len(onward) <= LONGEST_NEXT else at("/tickets")
    pending = visit.site.sessions.closed({"state": state, "verifier": verifier, "next": onward})
    anew = ANEW in visit.query or LEFT in visit.cookies
    address = await visit.site.provider.address(_back(visit), state, _challenge(verifier), anew)
    kept = [_kept(visit, state, pending, UNDER_WAY), *_ended(visit, ROOM - len(pending))]
    return Page(303, b"", headers=[("location", address), *kept])


async def back(visit: Visit) -> Page:
    """From the provider, to the page that one wanted to see. Raises NoPage."""
    state = visit.query.get("state", "")
    pending = visit.site.sessions.opened(visit.cookies.get(_name(visit, state)), UNDER_WAY)
    if visit.site.provider is None or pending.get("state") != state:
        raise NoPage(403, "form_too_old")
    visit.session = _session(await _token(visit, visit.site.provider, pending["verifier"]))
    asked = [("set-cookie", visit.site.sessions.cookie(LEFT, "", "; Max-Age=0"))]
    return Page(303, b"", headers=[("location", pending["next"]), _kept(visit, state, "", 0), *asked])


async def _token(visit: Visit, provider: Provider, verifier: str) -> str:
    """For the code, without which nobody was let in (RFC 6749, 4.1.2.1). Raises NoAnswer, NoPage."""
    if not visit.query.get("code"):
        raise NoPage(403, "sign_in_refused")
    try:
        return await provider.token(visit.query["code"], verifier, _back(visit))
    except NotLetIn:
        raise NoPage(403, "sign_in_refused") from None


async def sign_in(visit: Visit) -> Page:
    """Into another session, so that a cookie known from before is worth nothing."""
    said = await visit.form()
    role, number = said.get("role", ""), whole(said.get("number", ""))
    if visit.site.sign_in is None:
        raise NoPage(403, "form_too_old")
    if role not in ROLES or number is None:
        return await _asked(visit, said, 400)
    visit.session = Session.new(visit.site.sign_in(role, number), role, number)
    return Page(303, b"", headers=[("location", ours(said.get("next", "")))])


async def sign_out(visit: Visit) -> Page:
    """With it the browser ends in which messages are shown, if it is said which one that is."""
    said = await visit.form()
    await push.end(visit, said.get("browser", ""))
    visit.session = None
    return evolve(
        to("/tickets"), headers=[*to("/tickets").headers, ("set-cookie", visit.site.sessions.cookie(LEFT, "1"))]
    )


async def _asked(visit: Visit, said: dict[str, str], status: int = 200) -> Page:
    return await visit.show("sign_in.html", status, said=said, roles=list(ROLES), wrong=status != 200)


def _kept(visit: Visit, state: str, pending: str, seconds: int) -> tuple[str, str]:
    return "set-cookie", visit.site.sessions.cookie(_name(visit, state), pending, f"; Max-Age={seconds}")


def _name(visit: Visit, state: str) -> str:
    return visit.site.sessions.named(PENDING + state)


def _ended(visit: Visit, room: int) -> Iterator[tuple[str, str]]:
    """The oldest of those that were begun before, for which there is no `room` any more: what a browser says grows with
    each, and too much is not read. Browsers say the oldest first (RFC 6265, 5.4); here they are the other way round.
    """
    begun = _name(visit, "")
    for name, value in visit.cookies.items():
        if name.startswith(begun):
            room -= len(name) + len(value)
            if room < 0:
                yield _kept(visit, name.removeprefix(begun), "", 0)


def _back(visit: Visit) -> str:
    return f"{visit.site.url}{at('/sign-in/back')}"


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _session(token: str) -> Session:
    """Whose it says it is, which is for showing: the API looks at its signature. Raises NoPage."""
    claims = _claims(token)
    role = claims.get("role")
    number = claims.get(ROLES.get(role, "")) if isinstance(role, str) else None
    if not isinstance(number, int) or len(token) > LONGEST_TOKEN or not token.isascii():
        raise NoPage(403, "sign_in_no_role")
    return Session.new(token, role, number)


def _claims(token: str) -> dict[str, Any]:
    try:
        _, said, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
