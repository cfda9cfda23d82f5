"""Every operation of the description × everybody who may ask. A new operation fails here until its row is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import httpx
import jwt
import pytest
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from adapters.rest import DevelopmentIssuer
from adapters.rest.probes import is_open
from myticket_core.access import Role
from tests.services.rest_world import BROWSER, World

OK = "ok"
WHO: Final = ("customer 1", "customer 2", "organizer 1", "organizer 2", "admin", "service")
"""Customer 1 has booking {book}, paid by {payment}, of ticket {ticket}, which is organizer 1's."""


@frozen
class Row:
    """How an operation is asked, and what each of WHO gets: OK (2xx), or a status."""

    method: str
    path: str
    answers: tuple[str | int, ...]
    body: Any = None
    admin_body: Any = None


EVERYBODY = (OK, OK, OK, OK, OK, OK)
OWN_TICKET = (403, 403, OK, 404, OK, 403)
OWN_BOOKING = (OK, 404, 403, 403, OK, 403)
MATRIX: Final[dict[str, Row]] = {
    "searchTickets": Row("GET", "/tickets", EVERYBODY),
    "getTicket": Row("GET", "/tickets/{ticket}", EVERYBODY),
    "getSale": Row("GET", "/sales/{ticket}", EVERYBODY),
    "previewDeletion": Row("GET", "/sales/{ticket}/deletion", OWN_TICKET),
    "listOutcomes": Row("GET", "/sales/{ticket}/deletion/bookings?outcome=left", OWN_TICKET),
    "steerDeletion": Row("PATCH", "/sales/{deleted}/deletion", OWN_TICKET, {"paused": True}),
    "listWaiting": Row("GET", "/sales/waiting", (OK, OK, 403, 403, OK, 403)),
    "getWaiting": Row("GET", "/sales/{sold_out}/waiting?customerId={one}", (OK, 400, 403, 403, OK, 403)),
    "joinWaiting": Row("PUT", "/sales/{sold_out}/waiting", (OK, OK, 403, 403, OK, 403), None, {"customerId": 1}),
    "leaveWaiting": Row("DELETE", "/sales/{sold_out}/waiting?customerId={one}", (OK, 400, 403, 403, OK, 403)),
    "registerTicket": Row("POST", "/tickets", (403, 403, OK, OK, OK, 403), {"price": 1}, {"price": 1, "companyId": 1}),
    "changeTicket": Row("PATCH", "/tickets/{ticket}", OWN_TICKET, {"price": 2}),
    "replaceTicket": Row("PUT", "/tickets/{ticket}", OWN_TICKET, {"price": 2}),
    "deleteTicket": Row("DELETE", "/tickets/{ticket}", OWN_TICKET),
    "book": Row(
        "POST",
        "/books",
        (OK, OK, 403, 403, OK, 403),
        {"ticketId": "{ticket}"},
        {"ticketId": "{ticket}", "customerId": 1},
    ),
    "listBooks": Row("GET", "/books", (OK, OK, OK, OK, OK, 403)),
    "getBook": Row("GET", "/books/{book}", (OK, 404, OK, 404, OK, 403)),
    "payBook": Row("POST", "/books/{book}/payment", OWN_BOOKING, {}),
    "cancelBook": Row("DELETE", "/books/{book}", OWN_BOOKING),
    "previewCancellation": Row("GET", "/books/{book}/cancellation", OWN_BOOKING),
    "checkIn": Row("POST", "/books/{book}/checkin", OWN_TICKET),
    "listCheckIns": Row("GET", "/sales/{ticket}/checkins", OWN_TICKET),
    "approvePayment": Row("POST", "/payments", (403, 403, 403, 403, OK, OK), {"bookId": 77, "price": 1}),
    "hearStripe": Row("POST", "/webhooks/stripe", (401, 401, 401, 401, 401, 401), {"id": "evt_1"}),
    "listPayments": Row("GET", "/payments", EVERYBODY),
    "searchPayments": Row("GET", "/payments/search", EVERYBODY),
    "findPaymentByBookId": Row("GET", "/payments/search/findByBookId?bookId={book}", EVERYBODY),
    "getPayment": Row("GET", "/payments/{payment}", (OK, 404, OK, 404, OK, OK)),
    "listNotifications": Row("GET", "/notifications", (OK, OK, OK, OK, OK, 403)),
    "getNotification": Row("GET", "/notifications/{notification}", (OK, 404, 404, 404, OK, 403)),
    "markNotification": Row("PATCH", "/notifications/{notification}", (OK, 404, 404, 404, OK, 403), {"read": True}),
    "markNotifications": Row("PATCH", "/notifications", (OK, OK, OK, OK, 403, 403), {"readUpTo": 1}),
    "getContact": Row("GET", "/contacts/email", (OK, 404, 404, 404, 403, 403)),
    "putContact": Row("PUT", "/contacts/email", (OK, OK, OK, OK, 403, 403), {"address": "kim@example.com"}),
    "confirmContact": Row("POST", "/contacts/email/confirmation", (409, 404, 404, 404, 403, 403), {"code": "another"}),
    "removeContact": Row("DELETE", "/contacts/email", (OK, 404, 404, 404, 403, 403)),
    "getPushKey": Row("GET", "/contacts/push/key", EVERYBODY),
    "listSubscriptions": Row("GET", "/contacts/push", (OK, OK, OK, OK, 403, 403)),
    "putSubscription": Row("PUT", "/contacts/push", (OK, OK, OK, OK, 403, 403), BROWSER),
    "getSubscription": Row("GET", "/contacts/push/{browser}", (OK, 404, 404, 404, 403, 403)),
    "removeSubscription": Row("DELETE", "/contacts/push/{browser}", (OK, 404, 404, 404, 403, 403)),
    "listMypages": Row("GET", "/mypages", (OK, OK, 403, 403, OK, 403)),
    "getMypage": Row("GET", "/mypages/{book}", OWN_BOOKING),
    "listCustomerManagementPages": Row("GET", "/customerManagementPages", (OK, OK, 403, 403, OK, 403)),
    "getCustomerManagementPage": Row("GET", "/customerManagementPages/{book}", OWN_BOOKING),
    "listGuestManagementPages": Row("GET", "/guestManagementPages", (403, 403, OK, OK, OK, 403)),
    "getGuestManagementPage": Row("GET", "/guestManagementPages/{ticket}", OWN_TICKET),
    "streamMypages": Row("GET", "/mypages/stream", (OK, OK, 403, 403, OK, 403)),
    "streamGuestManagementPages": Row("GET", "/guestManagementPages/stream", (403, 403, OK, OK, OK, 403)),
    "listDaysOfTicket": Row("GET", "/guestManagementPages/{ticket}/days", OWN_TICKET),
    "listBookingsOfTicket": Row("GET", "/guestManagementPages/{ticket}/bookings", OWN_TICKET),
}
LISTS: Final = ("listBooks", "listPayments", "listNotifications", "listMypages", "listCustomerManagementPages",
                "listWaiting", "listGuestManagementPages", "findPaymentByBookId")  # fmt: skip
"""Others see nothing of customer 1 and company 1 in these."""


class Stage(World):
    """A world in which something has happened."""

    async def played(self) -> Stage:
        ticket = await self.ticket()
        book = (await self.ask("customer 1", "POST", "/books", {"ticketId": ticket})).json()
        await self.settle()
        await self.ask("customer 1", "PUT", "/contacts/email", {"address": "lee@example.com"})
        browser = (await self.ask("customer 1", "PUT", "/contacts/push", BROWSER)).json()
        told = (await self.ask("customer 1", "GET", "/notifications")).json()["_embedded"]["notifications"]
        self.ids_of = {
            "ticket": ticket,
            "deleted": await self.deleted(),
            "sold_out": await self.sold_out(),
            "one": 1,
            "book": book["id"],
            "payment": book["paymentId"],
            "notification": told[0]["id"],
            "browser": browser["id"],
        }
        return self

    async def deleted(self) -> int:
        """A ticket of company 1 that is not on sale any more."""
        ticket = await self.ticket()
        await self.ask("organizer 1", "DELETE", f"/tickets/{ticket}")
        await self.settle()
        return ticket

    async def sold_out(self) -> int:
        """A ticket of company 1, of which customer 3 has the only seat, and customer 1 waits."""
        ticket = await self.ticket(capacity=1)
        await self.ask("customer 3", "POST", "/books", {"ticketId": ticket})
        await self.ask("customer 1", "PUT", f"/sales/{ticket}/waiting")
        await self.settle()
        return ticket

    async def try_out(self, row: Row, who: str | None, headers: dict[str, str] | None = None) -> httpx.Response:
        body = row.admin_body if who == "admin" and row.admin_body is not None else row.body
        if isinstance(body, dict):
            body = {name: self.ids_of["ticket"] if value == "{ticket}" else value for name, value in body.items()}
        return await self.ask(who, row.method, row.path.format(**self.ids_of), body, headers=headers or {})


_STAGES: Final[dict[type[Stage], Any]] = {}


async def looked_at(kind: type[Stage]) -> Any:
    """One of each kind for all whose requests change nothing: they read, or are refused."""
    if kind not in _STAGES:
        _STAGES[kind] = await kind().played()
    return _STAGES[kind]


async def test_every_operation_has_its_row() -> None:
    described = (await World().ask(None, "GET", "/schema/openapi.json")).json()["paths"]
    operations = {
        operation["operationId"]
        for path, methods in described.items()
        if not is_open(path)
        for operation in methods.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert operations == MATRIX.keys()


@pytest.mark.parametrize("name", MATRIX)
async def test_everybody_gets_what_the_policy_says(name: str) -> None:
    row = MATRIX[name]
    changes = row.method != "GET"
    stage = await Stage().played() if changes else await looked_at(Stage)
    for who, expected in zip(WHO, row.answers, strict=True):
        answer = await stage.try_out(row, who)
        got = OK if answer.is_success else answer.status_code
        assert got == expected, (who, answer.text)
        if changes and got == OK:  # a refusal has changed nothing
            stage = await Stage().played()


@pytest.mark.parametrize("name", MATRIX)
async def test_nobody_gets_in_without_a_good_token(name: str) -> None:
    row, stage = MATRIX[name], await looked_at(Stage)
    for why, headers in _bad_tokens(stage).items():
        answer = await stage.try_out(row, None, headers)
        assert answer.status_code == 401, (why, answer.text)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = await stage.try_out(row, None)
    assert answer.is_success if row.answers == EVERYBODY and "payments" not in row.path else answer.status_code == 401


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", ["customer 2", "organizer 2"])
async def test_lists_show_nothing_of_others(name: str, who: str) -> None:
    if MATRIX[name].answers[WHO.index(who)] != OK:
        return
    stage = await Stage().played()
    await stage.ask("customer 1", "POST", "/books", {"ticketId": stage.ids_of["ticket"]})
    await stage.settle()
    listed = (await stage.try_out(MATRIX[name], who)).json()["_embedded"]
    assert list(listed.values()) == [[]]
    seen = (await stage.try_out(MATRIX[name], "admin")).json()["_embedded"]
    assert all(items for items in seen.values()), "the admin sees nothing either: this proves nothing"


async def test_a_role_without_its_id_owns_nothing_rather_than_everything() -> None:
    stage = await Stage().played()
    claims: dict[str, Any] = jwt.decode(stage.issuer.token(Role.ADMIN), options={"verify_signature": False})
    kid = stage.issuer.jwks()["keys"][0]["kid"]
    for role, name in (("organizer", "listBooks"), ("customer", "listBooks"), ("organizer", "deleteTicket")):
        token = jwt.encode({**claims, "role": role}, stage.issuer.key, "ES256", headers={"kid": kid})
        answer = await stage.try_out(MATRIX[name], None, {"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403, answer.text


async def test_owners_in_a_body_have_to_be_ones_own() -> None:
    stage = await Stage().played()
    for who, path, body in (
        ("organizer 2", "/tickets", {"price": 1, "companyId": 1}),
        ("customer 2", "/books", {"ticketId": stage.ids_of["ticket"], "customerId": 1}),
    ):
        answer = await stage.ask(who, "POST", path, body)
        assert answer.status_code == 400, answer.text
        assert answer.json()["member"] in body


def _bad_tokens(stage: Stage) -> dict[str, dict[str, str]]:
    good = stage.issuer.token(Role.ADMIN)
    other = DevelopmentIssuer(generate_private_key(SECP256R1()), stage.clock)
    claims: dict[str, Any] = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]

    def signed(**changed: Any) -> str:
        return jwt.encode({**claims, **changed}, stage.issuer.key, "ES256", headers={"kid": kid})

    header, payload, signature = good.split(".")
    none = jwt.encode(claims, None, "none", headers={"kid": kid})
    tokens = {
        "another issuer's key": other.token(Role.ADMIN),
        "another issuer's key under our kid": jwt.encode(claims, other.key, "ES256", headers={"kid": kid}),
        "expired": stage.issuer.token(Role.ADMIN, lifetime=timedelta(minutes=-5)),
        "wrong issuer": signed(iss="https://elsewhere.example"),
        "wrong audience": signed(aud="somebody-else"),
        "not yet": signed(nbf=claims["iat"] + 600),
        "no expiry": jwt.encode(
            {name: value for name, value in claims.items() if name != "exp"},
            stage.issuer.key,
            "ES256",
            headers={"kid": kid},
        ),
        "no role": signed(role=None),
        "a role of its own": signed(role="owner"),
        "alg none": none,
        "HS256 with a guess": jwt.encode(claims, "k" * 32, "HS256", headers={"kid": kid}),
        "crit": jwt.encode(claims, stage.issuer.key, "ES256", headers={"kid": kid, "crit": ["exp"]}),
        "kid traversal": jwt.encode(claims, stage.issuer.key, "ES256", headers={"kid": "../../dev/null"}),
        "no signature": f"{header}.{payload}.",
        "another payload": f"{header}.{payload[:-4]}AAAA.{signature}",
        "garbage": "garbage",
        "long": "a" * 9000,
    }
    found = {why: {"Authorization": f"Bearer {token}"} for why, token in tokens.items()}
    return {**found, "basic": {"Authorization": "Basic dTpw"}, "nothing after Bearer": {"Authorization": "Bearer"}}
