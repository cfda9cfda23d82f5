"""The pages as one ASGI application, to be mounted: which page a request is for, and what is the same of all."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from attrs import evolve, field, frozen

from adapters.web import (
    booking,
    bookings,
    contacts,
    deleting,
    door,
    eticket,
    live,
    messages,
    organizing,
    push,
    registering,
    search,
    selling,
    signing,
)
from adapters.web.addresses import BASE, at, ours, whole
from adapters.web.again import Unsettled, asked_again
from adapters.web.answers import NoPage, Page, SignInFirst, Stale, anew, to
from adapters.web.asking import NoAnswer
from adapters.web.refusing import refusal
from adapters.web.sending import FOR_EVER, FRESH, TLS_ONLY, Headers, sent
from adapters.web.sessions import Session
from adapters.web.site import Site
from adapters.web.visit import Visit

Handler: TypeAlias = Callable[[Visit], Awaitable[Page]]


async def _front(visit: Visit) -> Page:
    return to("/tickets")


async def _fixed(visit: Visit) -> Page:
    """Kept for ever at its own address alone: while replicas are replaced, one is asked for what another has."""
    found = visit.site.look.files.get(visit.params["name"])
    if found is None:
        raise NoPage(404, "not_there")
    return Page(200, found.body, found.media, (FOR_EVER,) if visit.here() == found.address else ())


ROUTES: Final[Mapping[str, Mapping[str, Handler]]] = {
    "/": {"GET": _front},
    "/static/{name}": {"GET": _fixed},
    "/sign-in": {"GET": signing.form, "POST": signing.sign_in},
    "/sign-in/back": {"GET": signing.back},
    "/sign-out": {"POST": signing.sign_out},
    "/tickets": {"GET": search.search},
    "/tickets/{id}": {"GET": booking.ticket, "POST": booking.book},
    "/tickets/{id}/seats": {"GET": booking.seats},
    "/tickets/{id}/line": {"POST": booking.line},
    "/bookings": {"GET": bookings.mine},
    "/bookings/lines": {"GET": bookings.lines},
    "/bookings/{id}": {"GET": bookings.one, "POST": bookings.pay},
    "/bookings/{id}/state": {"GET": bookings.state},
    "/bookings/{id}/ticket": {"GET": eticket.shown},
    "/bookings/{id}/ticket.ics": {"GET": eticket.calendar},
    "/bookings/{id}/cancel": {"GET": bookings.foreseen, "POST": bookings.cancel},
    "/organizer": {"GET": organizing.mine},
    "/organizer/tickets/new": {"GET": registering.new, "POST": registering.register},
    "/organizer/tickets/{id}": {"GET": organizing.one},
    "/organizer/tickets/{id}/chart": {"GET": selling.chart},
    "/organizer/tickets/{id}/attendees.csv": {"GET": selling.attendees_csv},
    "/organizer/tickets/{id}/attendees.json": {"GET": selling.attendees_json},
    "/organizer/tickets/{id}/edit": {"GET": registering.edit, "POST": registering.change},
    "/organizer/tickets/{id}/delete": {"GET": deleting.foreseen, "POST": deleting.delete},
    "/organizer/tickets/{id}/deletion": {"GET": deleting.progress, "POST": deleting.steer},
    "/door/{id}/{name}": {"GET": door.looked_at, "POST": door.let_in},
    "/messages": {"GET": messages.mine, "POST": messages.mark_all},
    "/messages/push": {"POST": push.change},
    "/messages/{id}": {"POST": messages.mark},
    "/contacts": {"GET": contacts.mine, "POST": contacts.put},
    "/contacts/again": {"POST": contacts.ask_again},
    "/contacts/confirmation": {"POST": contacts.confirm},
    "/contacts/remove": {"POST": contacts.remove},
    "/bell": {"GET": messages.bell},
    "/push": {"GET": push.known},
    "/stream": {"GET": live.stream},
}
OF_MESSAGES: Final = ("/messages", "/contacts", "/bell", "/push")
_NAMED: Final = {"{id}": r"(?P<id>[1-9][0-9]*)", "{name}": r"(?P<name>[\w.-]+)"}


@frozen
class Pages:
    site: Site
    _routes: list[tuple[re.Pattern[str], Mapping[str, Handler]]] = field(init=False)

    @_routes.default
    def _compiled(self) -> list[tuple[re.Pattern[str], Mapping[str, Handler]]]:
        there = (it for it in ROUTES.items() if self.site.messages or not it[0].startswith(OF_MESSAGES))
        return [(re.compile(_pattern(path)), handlers) for path, handlers in there]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        visit = Visit(scope, receive, self.site)
        visit.begin()
        try:
            page = await self._page(visit)
        finally:
            visit.end()
        await self._sent(page, [] if FOR_EVER in page.headers else [*FRESH, *visit.told()], send)

    async def refuse(self, scope: Any, status: int, headers: Headers, send: Any) -> None:
        """A request that was not let in, took too long, or broke off: told like the rest, in words."""
        await self._sent(refusal(self.site, scope, status), [*FRESH, *headers], send)

    async def _sent(self, page: Page, more: Headers, send: Any) -> None:
        await sent(page, [TLS_ONLY, *more] if self.site.tls_only else more, send)

    async def _page(self, visit: Visit) -> Page:
        try:
            return await self._handler(visit)(visit)
        except SignInFirst:
            return await self._sign_in_first(visit)
        except Stale:
            return await self._again(visit)
        except Unsettled as form:
            return asked_again(visit, form.sent, form.answer)
        except NoPage as none:
            return await self._explained(visit, none)
        except NoAnswer:
            return await self._explained(visit, NoPage(503, "not_now"))

    def _handler(self, visit: Visit) -> Handler:
        """Raises NoPage."""
        found, handlers = self._found(visit.path)
        if found is None or not whole(found.groupdict().get("id", "1")):
            raise NoPage(404, "not_there")
        visit.params = found.groupdict()
        if visit.method not in handlers:
            able = {*handlers, *(["HEAD"] if "GET" in handlers else [])}
            raise NoPage(405, "not_so", [("allow", ", ".join(sorted(able)))])
        if visit.method != "GET":
            visit.stands_on = self._seen(visit.path)
        return handlers[visit.method]

    def _found(self, path: str) -> tuple[re.Match[str] | None, Mapping[str, Handler]]:
        for pattern, handlers in self._routes:
            if found := pattern.fullmatch(path):
                return found, handlers
        return None, {}

    async def _sign_in_first(self, visit: Visit) -> Page:
        """Whoever sent a form is told that it was not taken, and can send it again once they are signed in.

        They go on by a link: a browser that is sent from a form to a provider's site may not go there (form-action).
        What was made for nobody is worth nothing then.
        """
        if visit.method == "GET":
            return self._go(visit, to("/sign-in", next=visit.here()))
        try:
            sent = await visit.sent()
        except NoPage as none:
            return await self._explained(visit, none)
        kept = {} if visit.made_for(sent) else sent
        return visit.alone("signed_out.html", 403, onward=at(visit.stands_on), sent=kept)

    async def _again(self, visit: Visit) -> Page:
        """The same as nobody, since the API knows who it was no more: some pages are for everybody, the others send to
        sign in.
        """
        visit.session = evolve(Session.new(), lapsed=True)
        if visit.method != "GET":
            return await self._sign_in_first(visit)
        return self._go(visit, Page(303, b"", headers=[("location", visit.here())]))

    def _go(self, visit: Visit, page: Page) -> Page:
        """A part of a page cannot go anywhere: the whole page has to, which may be what a form was answered."""
        if b"hx-request" not in visit.headers:
            return page
        path, query = visit.whole_page
        return anew(ours(f"{BASE}{self._seen(path)}{query}"))

    def _seen(self, path: str) -> str:
        """The page that a form stands on: where it goes, or the next one above that can be looked at."""
        while "GET" not in self._found(path)[1]:
            path = path.rpartition("/")[0] or "/"
        return path

    async def _explained(self, visit: Visit, none: NoPage) -> Page:
        try:
            page = await visit.show("trouble.html", none.status, text=none.text)
        except Stale:
            return await self._again(visit)
        return evolve(page, headers=none.headers)


def _pattern(path: str) -> str:
    path = path.replace(".", r"\.")
    for name, pattern in _NAMED.items():
        path = path.replace(name, pattern)
    return path
