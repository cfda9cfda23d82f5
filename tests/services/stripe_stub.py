"""As much of Stripe as moves money here, over HTTP: the shapes it answers with, its idempotency keys, and what
stripe-mock cannot do: refuse, lose answers, be busy, make a refund wait. The payment method says which.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Final

from aiohttp import web
from attrs import define, field

DECLINED = {"code": "card_declined", "decline_code": "generic_decline", "type": "card_error",
            "message": "Your card was declined."}  # fmt: skip
SAVED: Final = frozenset({200, 400, 402, 500})
"""What an endpoint says once it has begun is kept under the idempotency key; all else is said before that."""


@define
class StripeStub:
    """`faults` are handed out one per request whose method and path begin so: a status (and nothing is done), "failed"
    (done, and a 500), "lost" (done, and no answer), "cut" (an answer that breaks off), "unsent" (nothing is done, and
    the line is cut) or the seconds that it takes.
    """

    intents: dict[str, dict[str, Any]] = field(factory=dict)
    refunds: dict[str, dict[str, Any]] = field(factory=dict)
    done: dict[str, tuple[str, tuple[int, Any]]] = field(factory=dict)
    """By idempotency key; a day later it is empty."""
    faults: list[tuple[str, Any]] = field(factory=list)
    asked: list[str] = field(factory=list)
    confirmed: list[str] = field(factory=list)
    """The intents that took money, once for each time they did."""
    number: Any = field(factory=lambda: count(1))
    slow: float = 0.0
    under_way: int = 0
    """Requests that are being carried out, whether or not anybody still waits for them."""

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/v1/{path:.*}", self._answer)
        runner = web.AppRunner(app, handle_signals=False)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await runner.cleanup()

    def kept(self, intent: str) -> int:
        back = (it for it in self.refunds.values() if it["payment_intent"] == intent and it["status"] != "failed")
        received: int = self.intents[intent]["amount_received"]
        return received - sum(it["amount"] for it in back if it["status"] == "succeeded")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path, form = request.match_info["path"], {name: str(it) for name, it in (await request.post()).items()}
        asked, key = f"{request.method} {path}", request.headers.get("Idempotency-Key", "")
        self.asked.append(asked)
        fault = self._fault(asked, key)
        if fault == "unsent":
            return _cut(request)
        if isinstance(fault, int) and fault not in SAVED:
            return _json(fault, _failure(fault))
        self.under_way += 1
        await asyncio.sleep(fault if isinstance(fault, float) else self.slow)
        told = self._once(key, f"{path} {sorted(form.items())}", lambda: self._try(fault, asked, form, request))
        self.under_way -= 1
        if fault == "lost" or self._loses(path, form):
            return _cut(request)
        if fault == "cut":
            return await _torn(request)
        return _json(*told)

    def _fault(self, asked: str, key: str) -> Any:
        """What happens as it is carried out does not happen to what is only said again."""
        before = [*SAVED, "failed"] if key in self.done else []
        found = next((it for it in self.faults if asked.startswith(it[0]) and it[1] not in before), None)
        if found is not None:
            self.faults.remove(found)
        return found and found[1]

    def _loses(self, path: str, form: dict[str, str]) -> bool:
        """A refund's first three: the library tries twice more by itself."""
        if path == "refunds" and form and self.intents[form["payment_intent"]]["payment_method"] == "pm_refund_lost":
            return self.asked.count("POST refunds") <= 3
        return form.get("payment_method") == "pm_lost" and path.endswith("/confirm")

    def _once(self, key: str, asked: str, carry_out: Callable[[], tuple[int, Any]]) -> tuple[int, Any, dict[str, str]]:
        """The same key is the same answer, a refusal and a 500 too; with other parameters it is refused."""
        if key not in self.done:
            status, body = carry_out()
            if not key or status not in SAVED:
                return status, body, {}
            self.done[key] = (asked, (status, body))
            return status, body, {"Stripe-Should-Retry": "false"} if status == 500 else {}
        if self.done[key][0] != asked:
            return 400, _error({"type": "idempotency_error", "message": "Keys for idempotent requests can only be used "
                                "with the same parameters they were first used with."}, 400), {}  # fmt: skip
        return *self.done[key][1], {"Idempotent-Replayed": "true", "Stripe-Should-Retry": "false"}

    def _try(self, fault: Any, asked: str, form: dict[str, str], request: web.Request) -> tuple[int, Any]:
        if isinstance(fault, int):
            return fault, _failure(fault)
        method, _, path = asked.partition(" ")
        done = self._do(method, path, form, request.query)
        return (500, _failure(500)) if fault == "failed" else done

    def _do(self, method: str, path: str, form: dict[str, str], query: Any) -> tuple[int, Any]:
        match method, path.split("/"):
            case "POST", ["payment_intents"]:
                return 200, self._intent(form)
            case "GET", ["payment_intents", id]:
                return self._found(self.intents, id)
            case "POST", ["payment_intents", id, "confirm"]:
                return self._confirm(self.intents[id], form)
            case "POST", ["refunds"]:
                return self._refund(self.intents[form["payment_intent"]], form)
            case "GET", ["refunds"]:
                return 200, self._list(query["payment_intent"])
        return 404, _error({"type": "invalid_request_error", "message": f"Unrecognized request URL {path}"}, 404)

    def _intent(self, form: dict[str, str]) -> dict[str, Any]:
        id = f"pi_{next(self.number)}"
        self.intents[id] = {
            "id": id, "object": "payment_intent", "amount": int(form["amount"]), "amount_received": 0,
            "currency": form["currency"], "status": "requires_payment_method", "last_payment_error": None,
            "cancellation_reason": None, "metadata": _metadata(form), "payment_method": None,
        }  # fmt: skip
        return dict(self.intents[id])

    def _found(self, kept: dict[str, dict[str, Any]], id: str) -> tuple[int, Any]:
        if id not in kept:
            message = f"No such payment_intent: '{id}'"
            return 404, _error({"type": "invalid_request_error", "code": "resource_missing", "message": message}, 404)
        return 200, dict(kept[id])

    def _confirm(self, intent: dict[str, Any], form: dict[str, str]) -> tuple[int, Any]:
        method = form["payment_method"]
        if intent["status"] in ("succeeded", "processing"):
            code = "payment_intent_unexpected_state"
            message = f"already {intent['status']}"
            return 400, _error({"type": "invalid_request_error", "code": code, "message": message}, 400)
        if method == "pm_unknown":
            message = "No such PaymentMethod: 'pm_unknown'"
            return 400, _error({"type": "invalid_request_error", "code": "resource_missing", "message": message}, 400)
        if method == "pm_busy" and not intent["payment_method"]:
            intent["payment_method"] = method
            return 429, _error({"type": "invalid_request_error", "code": "lock_timeout", "message": "busy"}, 429)
        intent["payment_method"] = method
        if method == "pm_declined":
            intent["last_payment_error"] = DECLINED
            return 402, _error({**DECLINED, "payment_intent": dict(intent)}, 402)
        if method == "pm_slow_bank":
            intent["status"] = "processing"
            return 200, dict(intent)
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
        self.confirmed.append(intent["id"])
        return 200, dict(intent)

    def _refund(self, intent: dict[str, Any], form: dict[str, str]) -> tuple[int, Any]:
        amount, method = int(form["amount"]), intent["payment_method"]
        of = [it for it in self.refunds.values() if it["payment_intent"] == intent["id"] and it["status"] != "failed"]
        if sum(it["amount"] for it in of) + amount > intent["amount_received"]:
            message = f"Refund amount ({amount}) is greater than unrefunded amount on charge"
            return 400, _error({"type": "invalid_request_error", "message": message}, 400)
        id, first = f"re_{next(self.number)}", not any(self._of(intent["id"]))
        status = {"pm_refund_pending": "pending", "pm_refund_fails": "failed" if first else "succeeded"}
        self.refunds[id] = {
            "id": id, "object": "refund", "amount": amount, "payment_intent": intent["id"], "metadata": _metadata(form),
            "status": status.get(method, "succeeded"),
            "failure_reason": "lost_or_stolen_card" if status.get(method) == "failed" else None,
        }  # fmt: skip
        return 200, dict(self.refunds[id])

    def _list(self, intent: str) -> dict[str, Any]:
        """The newest first; one that waits is done when it has been looked at."""
        shown = [dict(it) for it in reversed(self._of(intent))]
        for it in self._of(intent):
            it["status"] = "succeeded" if it["status"] == "pending" else it["status"]
        return {"object": "list", "data": shown, "has_more": False, "url": "/v1/refunds"}

    def _of(self, intent: str) -> list[dict[str, Any]]:
        return [it for it in self.refunds.values() if it["payment_intent"] == intent]


def _metadata(form: dict[str, str]) -> dict[str, str]:
    return {name[9:-1]: it for name, it in form.items() if name.startswith("metadata[")}


def _error(error: dict[str, Any], status: int) -> dict[str, Any]:
    return {"error": {"message": f"status {status}", **error}}


def _failure(status: int) -> dict[str, Any]:
    return _error({"type": "api_error" if status >= 500 else "invalid_request_error"}, status)


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers={"Request-Id": "req_1", **(headers or {})})


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _torn(request: web.Request) -> web.StreamResponse:
    """Half of an answer."""
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"id": "pi')
    return _cut(request)
