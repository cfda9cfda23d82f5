"""HAL: links under the public URL that was configured, whatever Host the caller sent; lists in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from attrs import frozen
from msgspec import Meta, Struct

from adapters.rest.call import Call, repeated
from myticket_core.errors import Invalid
from myticket_core.paging import LARGEST_PAGE, LAST_PAGE, Order, Page, Paging
from myticket_core.values import LARGEST

Id = Annotated[int, Meta(ge=1, le=LARGEST)]
Money = Annotated[int, Meta(ge=0, le=LARGEST, description="In the smallest unit of the currency")]
Sum = Annotated[int, Meta(ge=0, description="Of many amounts, in the same unit: it may be beyond 2^53 - 1")]
Percent = Annotated[int, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0)]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$")]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
PAGING: Final = ("page", "size", "sort")
MOST_SORTS: Final = 5


class Link(Struct, omit_defaults=True):
    href: str
    templated: bool = False


Links = dict[str, Link]


class PageFacts(Struct, rename="camel"):
    size: Annotated[int, Meta(ge=1, le=LARGEST_PAGE)]
    total_elements: Count
    total_pages: Count
    number: Count


@frozen
class Collection:
    """A kind of resource: its place under the public URL, the name of one, what it is sorted by (wire → core)."""

    base: str
    name: str
    single: str
    sortable: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"{self.base}/{self.name}"

    def item(self, id: int) -> str:
        return f"{self.url}/{id}"

    def answers(self, id: int, repeated: bool) -> dict[str, str]:
        """The headers of an answer to a POST that is once per key."""
        return {"Location": self.item(id)} | ({"Idempotency-Replayed": "true"} if repeated else {})

    def links(self, id: int) -> Links:
        """`self`, and the same under the resource's own name, as the originals have it."""
        link = Link(self.item(id))
        return {"self": link, self.single: link}

    def asked(self, call: Call) -> Paging:
        """Which page is asked for. Raises Invalid: page, size, sort."""
        number, size = call.number("page", 0, LAST_PAGE), call.number("size", 1, LARGEST_PAGE)
        sorts = call.query.get("sort", ())
        if len(sorts) > MOST_SORTS:
            raise repeated("sort", sorts, f"given at most {MOST_SORTS} times")
        orders = tuple(self._order(text) for text in sorts)
        return Paging(0 if number is None else number, 20 if size is None else size, orders)

    def _order(self, text: str) -> Order:
        name, _, direction = text.partition(",")
        if name not in self.sortable or direction.lower() not in ("", "asc", "desc"):
            raise Invalid("sort", text, f"one of {', '.join(sorted(self.sortable))}, then ,asc or ,desc or nothing")
        return Order(self.sortable[name], descending=direction.lower() == "desc")

    def page(self, call: Call, page: Page[Any], items: Sequence[Struct], **more: Link) -> dict[str, Any]:
        """The body of a page, with the links of the originals; other parameters of the query are kept in them."""
        profile = Link(f"{self.base}/profile/{self.name}")
        return listed(self.name, self.url, call, page, items, profile=profile, **more)


def listed(name: str, url: str, call: Call, page: Page[Any], items: Sequence[Struct], **more: Link) -> dict[str, Any]:
    """A page of what is listed at `url`."""
    facts = PageFacts(page.paging.size, page.total, page.pages, page.paging.number)
    return {"_embedded": {name: items}, "_links": _links(url, call.query, facts) | more, "page": facts}


def _links(url: str, query: Mapping[str, Sequence[str]], facts: PageFacts) -> Links:
    number, last = facts.number, max(facts.total_pages - 1, 0)
    own = {"self": _self(url, query, facts)}
    if last == 0 and number == 0:
        return own
    links = {"first": _at(url, query, facts, 0)}
    if number > 0:
        links["prev"] = _at(url, query, facts, number - 1)
    links |= own
    if number < last:
        links["next"] = _at(url, query, facts, number + 1)
    return links | {"last": _at(url, query, facts, last)}


def _self(url: str, query: Mapping[str, Sequence[str]], facts: PageFacts) -> Link:
    """Templated with what can still be said; who says a page or a size has said both.

    Without what was said, as the originals do it, `{&sort}` included; but never without what is searched for, which
    they do not know: that would be another list, or none.
    """
    paged = not query.keys().isdisjoint(("page", "size"))
    missing = [name for name in PAGING if name not in query and (name == "sort" or not paged)]
    others, sort = _others(query)
    if others:
        place = [("page", facts.number), ("size", facts.size)] if paged else []
        url = f"{url}?{_encoded([*others, *place, *sort])}"
    if not missing:
        return Link(url)
    first = "?" if len(missing) == len(PAGING) and not others else "&"
    return Link(f"{url}{{{first}{','.join(missing)}}}", templated=True)


def _at(url: str, query: Mapping[str, Sequence[str]], facts: PageFacts, number: int) -> Link:
    others, sort = _others(query)
    return Link(f"{url}?{_encoded([*others, ('page', number), ('size', facts.size), *sort])}")


def _others(query: Mapping[str, Sequence[str]]) -> tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]:
    """What was said beside a page and its size: what is searched for, and the order."""
    others = [(name, value) for name, values in query.items() if name not in PAGING for value in values]
    return others, [("sort", value) for value in query.get("sort", ())]


def _encoded(asked: Sequence[tuple[str, str | int]]) -> str:
    return urlencode(asked, safe=",", quote_via=quote)
